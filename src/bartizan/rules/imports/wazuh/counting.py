"""Turn rules that count other rules (``if_matched_sid``, ``frequency``, ``same_…``) into Sigma correlations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.imports.contract import EITHER, OVER, UNDER, Piece, approximated, carried, refused
from bartizan.rules.imports.wazuh.conditions import CONDITIONS
from bartizan.rules.imports.wazuh.tree import MATCHED, Tree, names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.rules.imports.wazuh.ruleset import Part, WazuhRule
    from bartizan.rules.imports.wazuh.worlds import World

__all__ = ["COUNTING", "Counted", "counted"]

COUNTING: Final = re.compile(r"(?:(?P<same>same)|(?P<other>different|not_same))_(?P<what>\w+)$|global_frequency$")
"""The elements that say which events are counted together."""
_CALLED: Final[Mapping[str, str]] = {
    "source_ip": "srcip",
    "src_ip": "srcip",
    "dst_ip": "dstip",
    "src_port": "srcport",
    "dst_port": "dstport",
    "agent": "location",
}
_MOST: Final = 200
"""Rules that one may count."""

Named = "Callable[[str], list[tuple[str, World]]]"


@dataclass(frozen=True, slots=True)
class Counted:
    """The body of a correlation, {} where it cannot be written; the log of its rules; what became of the elements."""

    body: Mapping[str, Any]
    world: World | None
    pieces: Sequence[Piece]


def counted(tree: Tree, rule: WazuhRule, emitted: Callable[[str], list[tuple[str, World]]]) -> Counted:
    """Return the correlation that a rule is; ``emitted`` gives the documents that another rule becomes."""
    pieces = list(_conditions(rule))
    bases, told = _bases(tree, rule, emitted)
    pieces += told
    frequency, timeframe = rule.attributes.get("frequency", ""), rule.attributes.get("timeframe", "")
    if not frequency.isdecimal() or not timeframe.isdecimal() or not int(timeframe):
        pieces.append(refused("frequency", "it says not how often within what time: frequency and timeframe are numbers"))
        return Counted({}, None, pieces)
    if not bases:
        return Counted({}, None, pieces)
    keys, values, more = _compared(rule, bases)
    pieces += [carried("frequency"), carried("timeframe"), *more]
    if any(piece.fate == "refused" for piece in pieces):
        return Counted({}, bases[0][1], pieces)
    kind = "value_count" if values else "event_count"
    condition: dict[str, Any] = {"gte": max(1, int(frequency))}
    if values:
        condition["field"] = values[0] if len(values) == 1 else values
    body = {
        "type": kind,
        "rules": [name for name, _ in bases],
        **({"group-by": keys} if keys else {}),
        "timespan": f"{timeframe}s",
        "condition": condition,
        "generate": True,
    }
    return Counted(body, bases[0][1], pieces)


def _conditions(rule: WazuhRule) -> Sequence[Piece]:
    """Refuse what the last event alone would have to fulfil."""
    why = "it asks something of the last event alone, which no correlation of Sigma says"
    own = [refused(part.shown, why) for part in rule.parts if part.name in CONDITIONS or part.name in ("if_sid", "if_group", "if_level")]
    if any(part.name in MATCHED for part in rule.parts):
        return own
    return [*own, refused("frequency", "it counts whatever was seen before it: only counts of rules (if_matched_sid) are carried")]


def _bases(tree: Tree, rule: WazuhRule, emitted: Callable[[str], list[tuple[str, World]]]) -> tuple[list[tuple[str, World]], list[Piece]]:
    found: list[tuple[str, World]] = []
    pieces: list[Piece] = []
    for part in rule.parts:
        if part.name == "if_matched_regex":
            pieces.append(refused(part.name, "it counts what a pattern found before: only counts of rules are carried"))
        elif part.name in MATCHED:
            named = names_in(part.text) if part.name == "if_matched_sid" else tree.members(part.text.strip())
            numbers = [number for number in named if number != rule.id]
            known = {number: emitted(number) if number in tree.rules else [] for number in numbers}
            good = [one for documents in known.values() for one in documents]
            pieces.append(_told(part, {number: documents for number, documents in known.items() if not documents}, len(numbers)))
            found += good if len(good) <= _MOST else []
            if len(good) > _MOST:
                pieces.append(refused(part.name, f"stands for {len(good)} rules, more than {_MOST}"))
    return found, pieces


def _told(part: Part, lost: Mapping[str, object], count: int) -> Piece:
    shown = f"{part.name} {part.text[:60]}"
    if not count or len(lost) == count:
        which = f"rule {', '.join(list(lost)[:3])}" if lost else "a rule of this group"
        return refused(shown, f"{which} is not among the files, of level 0, or cannot be carried")
    if lost:
        return approximated(shown, f"{len(lost)} of {count} rules are of level 0 or cannot be carried", UNDER)
    return carried(shown)


def _compared(rule: WazuhRule, bases: Sequence[tuple[str, World]]) -> tuple[list[str], list[str], list[Piece]]:
    """Return the fields that events are grouped by, those whose values are counted, and what became of the elements."""
    keys: list[str] = []
    values: list[str] = []
    pieces: list[Piece] = []
    for part in rule.parts:
        met = COUNTING.match(part.name)
        if met is None:
            continue
        if met["what"] is None:
            pieces.append(carried(part.name))
            continue
        name = part.text.strip() if met["what"] == "field" else _CALLED.get(met["what"], met["what"])
        fields = {world.host if name == "location" else world.field(name) for _, world in bases}
        field = fields.pop() if len(fields) == 1 else None
        if not field:
            pieces.append(refused(part.name, f"the rules that it counts have no one field for '{name}'"))
        elif met["same"]:
            keys.append(field)
            pieces.append(_same(part, name))
        else:
            values.append(field)
            pieces.append(approximated(part.name, "Wazuh asks that each differs from the last, here all differ from each other", UNDER))
    if not rule.texts("global_frequency"):
        pieces.append(_agent(keys, bases))
    return list(dict.fromkeys(keys)), list(dict.fromkeys(values)), pieces


def _same(part: Part, name: str) -> Piece:
    if name == "location":
        return approximated(part.name, "Wazuh compares agent and file, here the host", EITHER)
    return carried(part.name)


def _agent(keys: list[str], bases: Sequence[tuple[str, World]]) -> Piece:
    """Group by host, as Wazuh counts for each agent."""
    hosts = {world.host for _, world in bases}
    host = hosts.pop() if len(hosts) == 1 else ""
    if not host:
        return approximated("frequency", "Wazuh counts for each agent, here over all records", OVER)
    keys.append(host)
    return approximated("frequency", f"Wazuh counts for each agent, here for each {host}", EITHER)
