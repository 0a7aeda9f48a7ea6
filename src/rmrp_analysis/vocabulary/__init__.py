"""What a plan counts by: sectors, places, groups of people and plan years, with every spelling of their names.

What is a plan's own stands in its pack (``pack``), what all plans have in the CSV files of this folder.
Every spelling is compared folded (see ``fold``), so that accents, case and blanks never lose a row.
"""
# ruff: noqa: F403 - the names of these modules are the vocabulary

from rmrp_analysis.vocabulary.contacts import *
from rmrp_analysis.vocabulary.indicators import *
from rmrp_analysis.vocabulary.lists import *
from rmrp_analysis.vocabulary.names import *
from rmrp_analysis.vocabulary.places import *
from rmrp_analysis.vocabulary.plan_years import *
from rmrp_analysis.vocabulary.text import *
