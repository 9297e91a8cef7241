"""Load SQLAlchemy, or say which extra has it."""

from __future__ import annotations

from bartizan.errors import MissingExtra

try:
    import sqlalchemy as sa
except ImportError as error:
    feature = "a state database"
    raise MissingExtra(feature, "serve") from error

__all__ = ["sa"]
