"""Pages about runs, made from their records alone: `write_report`."""

from phosphene.report.page import write_report

__all__ = ["write_report"]
