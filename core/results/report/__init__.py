"""A run's tables -> one self-contained HTML page that opens offline."""

from core.results.report.page import html, with_names

__all__ = ["html", "with_names"]
