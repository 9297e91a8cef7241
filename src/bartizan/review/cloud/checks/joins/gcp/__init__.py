"""Joins over facts of Google Cloud."""
