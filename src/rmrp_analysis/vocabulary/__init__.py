"""The words of a plan's figures: sectors, places, groups of people and plan years, with every spelling of their names.

The pack (``pack``) holds the files of one plan, the CSV files of this folder hold the words of all plans. Spellings are
compared folded (see ``fold``), so accents, case and blanks never lose a row.
"""

from rmrp_analysis.vocabulary.contacts import (
    CALLED_TELEPHONE_PATTERN,
    CONTACT_PATTERN_ROWS,
    WITHHELD_CONTACT_TEXT,
    contact_in,
    holds_contact,
)
from rmrp_analysis.vocabulary.indicators import (
    MIN_SHARED_WORD_SHARE,
    beginning,
    fingerprint,
    label_of,
    labels_of,
    names_alike,
)
from rmrp_analysis.vocabulary.lists import (
    AGE_GENDER_GROUPS,
    ALL,
    CLUSTER_ID_BY_SPELLING,
    CLUSTER_NAME_BY_ID,
    FINDING_BY_GROUP,
    FUNDING_GROUPINGS,
    FUNDING_STATUSES,
    INDICATOR_TYPES,
    INTERSECTOR,
    MONTH_NUMBER_BY_NAME,
    NAME_BY_GROUP,
    NO_PARTNER_PART,
    NOT_SPECIFIED,
    OTHER_GENDER_GROUPS,
    OVERLAP_PART,
    PLANNED_FIGURES,
    POPULATION_GROUPS,
    REGIONAL,
    REPORT_CAUSES,
    REPORT_STATES,
    SHARED_PART,
    UNKNOWN_INDICATOR_TYPE,
    ZERO_NAME_BY_REASON,
    IndicatorType,
    PlanLists,
    find_spellings,
    headers_of,
    plan_lists,
)
from rmrp_analysis.vocabulary.names import (
    find_place,
    find_places,
    find_sector,
    find_sectors,
    full_name,
    is_all,
    levels,
    local_name,
    organisation_name,
    report_id,
    short_name,
    split_list,
)
from rmrp_analysis.vocabulary.places import (
    NATIONAL_LEVEL,
    NATIONAL_PLACE_KEY,
    admin1_as_written,
    ocha_pcodes,
    ocha_places,
    place_key,
)
from rmrp_analysis.vocabulary.text import MONTH_PATTERN, REGION, file_stem, fold, slug
from rmrp_analysis.vocabulary.years import (
    AS_REPORTED,
    RULES_WITH_PROPORTIONS,
    USUAL_MODEL,
    Model,
    PlanYear,
    fts_plan_names,
    fts_plans,
    plan_year,
    plan_years,
)

__all__ = ["AGE_GENDER_GROUPS", "ALL", "AS_REPORTED", "CALLED_TELEPHONE_PATTERN", "CLUSTER_ID_BY_SPELLING"]
__all__ += ["CLUSTER_NAME_BY_ID", "CONTACT_PATTERN_ROWS", "FINDING_BY_GROUP", "FUNDING_GROUPINGS", "FUNDING_STATUSES"]
__all__ += ["INDICATOR_TYPES", "INTERSECTOR", "MIN_SHARED_WORD_SHARE", "MONTH_NUMBER_BY_NAME", "MONTH_PATTERN"]
__all__ += ["NAME_BY_GROUP", "NATIONAL_LEVEL", "NATIONAL_PLACE_KEY", "NOT_SPECIFIED", "NO_PARTNER_PART"]
__all__ += ["OTHER_GENDER_GROUPS", "OVERLAP_PART", "PLANNED_FIGURES", "POPULATION_GROUPS", "REGION", "REGIONAL"]
__all__ += ["REPORT_CAUSES", "REPORT_STATES", "RULES_WITH_PROPORTIONS", "SHARED_PART", "UNKNOWN_INDICATOR_TYPE"]
__all__ += ["USUAL_MODEL", "WITHHELD_CONTACT_TEXT", "ZERO_NAME_BY_REASON", "IndicatorType", "Model", "PlanLists"]
__all__ += ["PlanYear", "admin1_as_written", "beginning", "contact_in", "file_stem", "find_place", "find_places"]
__all__ += ["find_sector", "find_sectors", "find_spellings", "fingerprint", "fold", "fts_plan_names", "fts_plans"]
__all__ += ["full_name", "headers_of", "holds_contact", "is_all", "label_of", "labels_of", "levels", "local_name"]
__all__ += ["names_alike", "ocha_pcodes", "ocha_places", "organisation_name", "place_key", "plan_lists", "plan_year"]
__all__ += ["plan_years", "report_id", "short_name", "slug", "split_list"]
