"""Say what is worth reaching where nobody names it: each account's administration, and what is tagged as sensitive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.contract import administration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.collect.inventory.contract import Facts, Resource, Uid

__all__ = ["crown_jewels"]

_TAG: Final = re.compile(r"classification|sensitiv|confidential|criticality|data.?class|compliance|crown", re.IGNORECASE)
_VALUE: Final = re.compile(
    r"\b(confidential|restricted|secret|sensitive|critical|highly.?\w*|pii|phi|pci|hipaa|gdpr|personal|crown.?jewel|yes|true|high)\b",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(r"\b(public|none|no|false|low|non.?\w+|unclassified)\b", re.IGNORECASE)


def crown_jewels(facts: Facts, also: Iterable[Uid] = ()) -> list[Uid]:
    """Return the goals of an estate: those named in ``also``, the administration of each account, and tagged resources."""
    accounts = dict.fromkeys((one.provider, one.account) for one in facts.principals if one.account)
    tagged = (one.uid for one in facts.resources if _is_sensitive(one))
    return list(dict.fromkeys((*also, *(administration(provider, account) for provider, account in accounts), *tagged)))


def _is_sensitive(resource: Resource) -> bool:
    return any(_TAG.search(tag) and _VALUE.search(value) and not _OPEN.search(value) for tag, value in resource.tags.items())
