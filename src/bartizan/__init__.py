"""Bartizan, the security engineer's workbench: everything is a record."""

__version__ = "0.1.0"
