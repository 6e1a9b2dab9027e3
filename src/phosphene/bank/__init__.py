"""The bank: programs, where they were met, what the front end made of them, what vetting decided."""

from phosphene.bank.attribution import attribution
from phosphene.bank.bank import Bank
from phosphene.bank.records import (
    BankInfo,
    Entry,
    Failure,
    Family,
    ImportRow,
    Listing,
    Selection,
    Status,
    Verdict,
)
from phosphene.bank.selecting import Filters, digest, ranges

__all__ = [
    "Bank",
    "BankInfo",
    "Entry",
    "Failure",
    "Family",
    "Filters",
    "ImportRow",
    "Listing",
    "Selection",
    "Status",
    "Verdict",
    "attribution",
    "digest",
    "ranges",
]
