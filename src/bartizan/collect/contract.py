"""What a source is: a value in a file of its own that turns raw records into frames and says what they mean.

A module under ``sources/<place>/`` that holds ``SOURCE`` is in the catalogue; so is an entry point of the group
``bartizan.sources``. ``bartizan.testing.check_source`` holds each to this contract.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.schema.columns import Cell, Frame
    from bartizan.schema.expressions import Table
    from bartizan.schema.logsource import View

__all__ = ["Carried", "Context", "Example", "Framing", "Parsed", "Part", "Route", "Source"]


class Framing(Enum):
    """How a file is cut into raw records: text lines, JSON objects (one a line, in an array, pretty-printed), EVTX records as JSON."""

    LINES = "lines"
    JSON = "json"
    EVTX = "evtx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Records of a source that mean one thing: the log sources they serve (first that fits a rule wins) and their OCSF mapping.

    ``ocsf`` must yield ``class_uid``, ``activity_id``, ``severity_id`` and ``time`` (epoch nanoseconds UTC, ABSENT where
    the record tells none); ``category_uid``, ``type_uid``, ``metadata`` and ``unmapped`` are added for every source alike.
    """

    name: str
    views: tuple[View, ...]
    ocsf: Table
    given: Mapping[str, str] = field(default_factory=dict)
    """Native fields that have the same text in every record of this route: rules that ask for another are not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a parser may know beside the records. ``wanted`` names the fields that will be read of a route, None for every field."""

    wanted: Callable[[Route], frozenset[str] | None] = lambda _route: None
    head: Sequence[bytes] = ()
    """The last block of ``#`` lines before these records (Zeek and W3C logs name their columns there)."""
    modified: float = 0.0
    """When the file was last written, epoch seconds: dates a clock that tells no year."""
    zone: tzinfo = UTC
    """The zone of clocks that tell none."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one route: ``rows[i]`` is the index, among the records given, of the frame's row ``i``."""

    route: Route
    rows: Sequence[int]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Parsed:
    """Every record given, once: in a part, or in ``unparsed`` (index -> why).

    ``flawed``: records that were read although something is wrong with them (index -> what).
    """

    parts: Sequence[Part]
    unparsed: Mapping[int, str]
    flawed: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Raw records, the route each must take (None: unparsed), and attributes that the first must have after mapping."""

    title: str
    raw: Sequence[bytes]
    routes: Sequence[str | None]
    ocsf: Mapping[str, Cell] = field(default_factory=dict)
    head: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """Records of one kind: the route that they take, and the native fields that they are known to carry.

    ``given``: what makes them of this kind, where it is fields with one text (channel and event id).
    """

    route: Route
    fields: frozenset[str]
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of log. ``recognise`` counts how many of up to 64 sampled raw records it would read as its own.

    Where the log has a head (``#`` lines), the sample begins with it.
    ``group`` names what neighbouring records must share to stay in one batch (the event id of an audit line).
    """

    name: str
    title: str
    framings: tuple[Framing, ...]
    recognise: Callable[[Sequence[bytes]], int]
    parse: Callable[[Sequence[bytes], Context], Parsed]
    routes: tuple[Route, ...]
    examples: tuple[Example, ...]
    product: Mapping[str, str] = field(default_factory=dict)
    """OCSF ``metadata.product`` (name, vendor_name)."""
    group: Callable[[bytes], object] | None = None
    marks: tuple[bytes, ...] = ()
    """Bytes of which every record of this source has one: others are not shown to it."""
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that ``parse`` makes of others, and of which: not the record's own."""
    documented: Callable[[], Sequence[Carried]] | None = None
    """What its records carry, where that is published kind by kind; else it is what examples and mapping name."""
    general: bool = False
    """Whether this is a form that many products write (syslog, CEF): a record that a source with marks knows is that source's."""
    sure: bool = False
    """Whether the expressions of its mapping never fail, whatever a field holds: then a hunt computes only those that somebody asks for."""
