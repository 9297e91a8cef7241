"""Render a review as one HTML file that asks for nothing: its graph can be explored with a script of its own, and read without."""

from bartizan.explain.cloud.html.page import html

__all__ = ["html"]
