"""Take ARNs apart."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Arn", "account_of", "arn", "node"]

_FIELDS = 6


class Arn(NamedTuple):
    """The six fields of an ARN; ``name`` is all behind the fifth colon."""

    partition: str
    service: str
    region: str
    account: str
    name: str


def arn(text: str) -> Arn | None:
    """Return the fields of an ARN, None where a text is none."""
    fields = text.split(":", _FIELDS - 1)
    return Arn(*fields[1:]) if len(fields) == _FIELDS and fields[0] == "arn" else None


def account_of(text: str) -> str:
    """Return the account that an ARN names, '' where it names none."""
    found = arn(text)
    return found.account if found is not None else ""


def node(uid: str) -> str:
    """Return the id of a node of an organization (account, ``ou-...``, ``r-...``), given that or an ARN of it."""
    found = arn(uid)
    if found is None:
        return uid.rsplit("/", 1)[-1]
    return found.account if found.service == "iam" else found.name.rsplit("/", 1)[-1]
