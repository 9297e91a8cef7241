"""Render the page of a case as one HTML file in which nothing is active and which asks for nothing."""

from bartizan.explain.cases.html.page import MOST_BYTES, html

__all__ = ["MOST_BYTES", "html"]
