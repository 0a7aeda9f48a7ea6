"""The words for what the page on data quality names: rules, families, severities, steps, joins, columns, lists."""

from collections.abc import Mapping

from rmrp_analysis.quality import CHECKS, WORDS_OF
from rmrp_analysis.vocabulary import GROUP_NAMES
from rmrp_analysis.words import N_, Words

FAMILIES, SEVERITIES, STEPS, LISTS, OTHER_RULES = (
    WORDS_OF[kind] for kind in ("family", "severity", "step", "list", "rule")
)
COLUMNS: Mapping[str, str] = {**LISTS, **WORDS_OF["column"], **GROUP_NAMES}
"""The columns in which something is found."""

NOT_QUOTED = N_("free text, not shown")
"""What stands for the text of a cell that may name people."""


def rule_sentence(rule: str, words: Words) -> str:
    """What is wrong, for a reader; a rule that has no sentence keeps its name."""
    return words(CHECKS[rule].sentence if rule in CHECKS else OTHER_RULES.get(rule, rule))


def what_is_right(rule: str, allowed: str, words: Words) -> str:
    """What would be right, from a finding's ``allowed``; empty where the rule says it, or free text would."""
    if rule not in CHECKS:
        return "" if rule == "empty" or rule.startswith("not_") else words(allowed)
    check = CHECKS[rule]
    expected = check.expected_in(allowed)
    return "" if "{expected}" in check.allowed and not expected else words(check.allowed, expected=expected)
