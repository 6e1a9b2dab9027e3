"""Several sources of training images under one budget, judged alike: one table."""

from phosphene.comparing.budgets import budget, check_equal
from phosphene.comparing.existing import Existing, tabulate_runs
from phosphene.comparing.gaps import GapShare, gap_share
from phosphene.comparing.running import compare
from phosphene.comparing.specification import (
    ROLES,
    Arm,
    Comparison,
    Judging,
    load_comparison,
    read_comparison,
)
from phosphene.comparing.table import Scored, Table

__all__ = [
    "ROLES",
    "Arm",
    "Comparison",
    "Existing",
    "GapShare",
    "Judging",
    "Scored",
    "Table",
    "budget",
    "check_equal",
    "compare",
    "gap_share",
    "load_comparison",
    "read_comparison",
    "tabulate_runs",
]
