"""What is asked of AWS and what is answered, without a word of how it is carried."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bartizan.collect.inventory.live import calls as live

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Ask", "Call", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a region of a partition."""

    account: str
    region: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service at one place, with all of its pages; ``parameters`` is JSON with sorted keys."""

    place: Place
    service: str
    """As botocore names it: ``elbv2``, ``sso-admin``."""
    operation: str
    """As the service model names it: ``DescribeLoadBalancers``."""
    parameters: str = "{}"

    @classmethod
    def of(cls, place: Place, name: str, parameters: Mapping[str, Any] | None = None) -> Call:
        """Return the call that ``service:Operation`` names."""
        service, _, operation = name.partition(":")
        return cls(place, service, operation, json.dumps(parameters or {}, sort_keys=True))

    @property
    def name(self) -> str:
        """How kind files, gaps and messages name it."""
        return f"{self.service}:{self.operation}"


Ask: TypeAlias = live.Ask[Call]
"""Answer a call: from AWS, or from what was kept of it."""
