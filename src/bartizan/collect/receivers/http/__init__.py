"""Protocols over HTTP. Each module with ``make`` is one; nobody edits a list."""
