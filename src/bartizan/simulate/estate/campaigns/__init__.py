"""Intrusions of several days, each a file with its ``CAMPAIGN``."""
