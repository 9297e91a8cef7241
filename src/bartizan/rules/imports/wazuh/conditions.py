"""Turn the elements of a rule that ask something of one record into questions, or say why that cannot be."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bartizan.rules.imports.asked import ANY, Asked, Is, Never, every, never, some
from bartizan.rules.imports.contract import EITHER, OVER, Piece, approximated, carried, refused
from bartizan.rules.imports.wazuh.patterns import GREEDY, UnknownPatternError, asked_by
from bartizan.rules.refusals import Refused
from bartizan.rules.regexes import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.rules.imports.wazuh.ruleset import Part
    from bartizan.rules.imports.wazuh.worlds import World

__all__ = ["CONDITIONS", "Answer", "condition"]


class Answer(NamedTuple):
    """What an element asks, and what became of it; a refused one asks nothing."""

    asked: Asked
    piece: Piece


_PATTERNED: Final = {
    "match": "osmatch",
    "regex": "osregex",
    "field": "osregex",
    "user": "osmatch",
    "program_name": "osmatch",
    "hostname": "osmatch",
    "id": "osmatch",
    "url": "osmatch",
    "data": "osmatch",
    "extra_data": "osmatch",
    "status": "osmatch",
    "protocol": "osmatch",
    "system_name": "osmatch",
    "srcport": "osmatch",
    "dstport": "osmatch",
    "action": "string",
}
"""Elements with a pattern and the dialect that it is in where no ``type`` says it (Wazuh 4 documentation, "Rules Syntax")."""
_LOG: Final = frozenset({"match", "regex"})
_CERTAIN: Final = _LOG | {"program_name", "hostname"}
"""What is the same whatever the decoder."""
_KINDS: Final = ("osmatch", "osregex", "pcre2", "string")
_DOUBLED: Final = "Wazuh doubles the backslashes of Windows events; they are written once"
_PCRE: Final = re.compile(r"\[\[:|\(\?[<>|&'PR#]|\\[QERKXhHvVNpPCGL]")
"""What PCRE2 has and Python's expressions have not, or mean differently."""
_UNTOLD: Final[Mapping[str, str]] = {
    "time": "the time of day of an event is no field of records here",
    "weekday": "the day of the week of an event is no field of records here",
    "location": "where a line came from is no field of records here",
    "srcgeoip": "records hold no place of an address",
    "dstgeoip": "records hold no place of an address",
    "check_diff": "it compares with what the same command said before, which no rule here does",
    "if_fts": "it asks whether the decoder saw these values for the first time: write a bartizan_new_value correlation",
    "compiled_rule": "it calls a function that is built into Wazuh",
}


def condition(part: Part, world: World) -> Answer:
    """Return what an element asks of a record of a log."""
    if part.name in _UNTOLD:
        return Answer(ANY, refused(part.shown, _UNTOLD[part.name]))
    if part.name in ("srcip", "dstip"):
        return _address(part, world)
    if part.name == "list":
        return _list(part, world)
    name = part.attributes.get("name", "") if part.name == "field" else part.name
    field = world.log if part.name in _LOG else world.field(name)
    if not field:
        return Answer(ANY, refused(part.shown, _no_field(name, part.name, world)))
    try:
        asked, piece = _pattern(part, field, windows=world.dynamic == "windows")
    except UnknownPatternError as error:
        return Answer(ANY, refused(part.shown, f"'{_short(part.text)}': {error}"))
    asked = _negated(part, asked)
    return Answer(asked if part.name in _LOG else _present(field, asked), _doubted(piece, world, doubt=part.name not in _CERTAIN))


def _pattern(part: Part, field: str, *, windows: bool) -> tuple[Asked, Piece]:
    kind = part.attributes.get("type", _PATTERNED[part.name]).strip().lower()
    if kind not in _KINDS:
        message = f"type '{kind}' is none of {', '.join(_KINDS)}"
        raise UnknownPatternError(message)
    text, note = part.text, ""
    doubled = "\\\\" if kind in ("osmatch", "string") else "\\\\\\\\"
    if windows and doubled in text:
        text, note = text.replace(doubled, doubled[: len(doubled) // 2]), _DOUBLED
    asked, doubtful = asked_by(field, kind, text)
    if kind == "pcre2" and _PCRE.search(text):
        message = "it has something of PCRE2 that Python's regular expressions have not, or mean differently"
        raise UnknownPatternError(message)
    if isinstance(asked, Is) and asked.how.startswith("re"):
        _check(str(asked.value), "i" * ("i" in asked.how.split("|")))
    if doubtful:
        return asked, approximated(part.shown, GREEDY, OVER)
    return asked, carried(part.shown, note)


def _check(pattern: str, flags: str) -> None:
    try:
        checked(pattern, flags)
    except Refused as refusal:
        raise UnknownPatternError(refusal.why) from refusal


def _address(part: Part, world: World) -> Answer:
    field = world.field(part.name)
    if not field:
        return Answer(ANY, refused(part.shown, _no_field(part.name, part.name, world)))
    text = part.text
    negated = text.startswith("!")
    try:
        asked = some(_network(field, one.strip()) for one in re.split(r"[|,\s]+", text[negated:].strip()))
    except ValueError:
        return Answer(ANY, refused(part.shown, f"'{_short(text)}' is no address and no network"))
    asked = _negated(part, never(asked) if negated else asked)
    return Answer(_present(field, asked), _doubted(carried(part.shown), world, doubt=True))


def _network(field: str, text: str) -> Asked:
    if text.endswith(".") and text.count(".") < 4:  # noqa: PLR2004 - 192.168. is the beginning of an address
        return Is(field, text, "startswith")
    network = ipaddress.ip_network(text, strict=False)
    if network.num_addresses == 1:
        return Is(field, str(network.network_address))
    return Is(field, str(network), "cidr")


def _list(part: Part, world: World) -> Answer:
    """Turn a CDB list into a placeholder: the keys are given when the rule is run."""
    name, lookup = part.attributes.get("field", ""), part.attributes.get("lookup", "match_key")
    field = world.field(name) or world.field({"srcuser": "user", "dstuser": "user"}.get(name, name))
    if not field:
        return Answer(ANY, refused(part.shown, _no_field(name, name, world)))
    list_name = re.sub(r"\W+", "_", part.text.rstrip("/").rpartition("/")[2]) or "list"
    hint = f"give the keys of '{_short(part.text)}' as the list {list_name} with --placeholders"
    asked: Asked = Is(field, f"%{list_name}%", "expand")
    if lookup == "match_key":
        return Answer(asked, approximated(part.shown, f"{hint}; Wazuh regards the case of keys", OVER))
    if lookup == "not_match_key":
        return Answer(never(asked), approximated(part.shown, f"{hint}; Wazuh regards the case of keys", EITHER))
    if lookup in ("address_match_key", "not_address_match_key"):
        why = f"{hint}; write the beginning of an address, such as 10.1., with a star: 10.1.*"
        return Answer(asked if lookup[0] == "a" else never(asked), approximated(part.shown, why, EITHER))
    return Answer(ANY, refused(part.shown, f"lookup '{lookup}' judges what stands beside a key, which a list here has not"))


def _negated(part: Part, asked: Asked) -> Asked:
    return never(asked) if part.attributes.get("negate", "no").strip().lower() == "yes" else asked


def _present(field: str, asked: Asked) -> Asked:
    """Ask that a field is there where the question alone does not: Wazuh compares nothing with what the decoder did not find."""
    if isinstance(asked, Is):
        return asked
    return every([asked, Is(field, value=True, how="exists")]) if isinstance(asked, Never) or asked == ANY else asked


def _doubted(piece: Piece, world: World, *, doubt: bool) -> Piece:
    """Say that a field may hold something else than in Wazuh, where that is so."""
    if not doubt or not world.doubt or piece.fate != "carried":
        return piece
    return approximated(piece.part, world.doubt, EITHER)


def _no_field(name: str, part: str, world: World) -> str:
    if part in _LOG:
        return f"records of {world.name} have no text of their own to look into"
    return f"records of {world.name} have no field for '{name}': give the decoder that fills it too"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - fits a line of a terminal


CONDITIONS: Final = frozenset({*_PATTERNED, *_UNTOLD, "srcip", "dstip", "list"})
"""The elements that ask something of one record."""
