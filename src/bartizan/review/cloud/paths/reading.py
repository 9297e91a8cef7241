"""Read rules of paths from YAML; whatever is no rule is an InputError that says which file, which line and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from bartizan.documents import Map, Refused, documents, suggestion
from bartizan.errors import InputError
from bartizan.review.cloud.paths.contract import Event, Need, PathRule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["path_rules", "read_rule"]

_MUST: Final = ("title", "provider", "match", "gives", "about", "fix", "cases")
_MAY: Final = ("from", "anywhere", "needs", "unbounded", "depends", "administrator", "emits", "silent", "attack", "references")
_NEED: Final = ("action", "to", "with", "by", "either", "when")
_EVENT: Final = ("source", "event", "data", "record")


def path_rules(folder: Path) -> dict[str, PathRule]:
    """Read every rule under a folder (``content/paths``), by id."""
    found: dict[str, PathRule] = {}
    for file in sorted(folder.rglob("*.yml")):
        rule = read_rule(file.read_bytes(), file.stem, str(file))
        if rule.id in found:
            message = f"{file}: there is a rule {rule.id} already: {found[rule.id].path}"
            raise InputError(message)
        found[rule.id] = rule
    return found


def read_rule(content: bytes, name: str, path: str) -> PathRule:
    """Read one rule, whose id is the name of its file."""
    try:
        read = list(documents(content))
        if len(read) != 1:
            _refuse("a file holds one rule")
        (document,) = read
        if isinstance(document, Refused):
            raise document
        return _rule(_mapping(document.value, "a rule", (*_MUST, *_MAY), _MUST), name, path)
    except Refused as error:
        message = f"{path}:{error.line}: {error}"
        raise InputError(message) from error


def _rule(told: Map, name: str, path: str) -> PathRule:
    match = _mapping(told["match"], "match", (), ("kind",))
    cases = tuple(told["cases"])
    if {bool(case.get("hop")) for case in cases} != {True, False}:
        _refuse("cases need one in which the hop is there (hop:) and one in which it is not (no_hop:)", told.lines["cases"])
    if ("emits" in told) == ("silent" in told):
        _refuse("a rule says one of emits (the log records that it leaves) and silent (why there are none)")
    if told.get("emits") == []:
        _refuse("emits names at least one event; silent says why there is none", told.lines["emits"])
    return PathRule(
        id=name,
        title=told["title"],
        provider=told["provider"],
        match=match["kind"],
        options={key: value for key, value in match.items() if key != "kind"},
        gives=told["gives"],
        about=told["about"],
        fix=told["fix"],
        sources=_texts(told.get("from", ())),
        anywhere=bool(told.get("anywhere", False)),
        needs=tuple(_need(one) for one in told.get("needs", ())),
        unbounded=_texts(told.get("unbounded", ())),
        depends=_texts(told.get("depends", ())),
        administrator=bool(told.get("administrator", False)),
        emits=tuple(event for step, one in enumerate(told.get("emits", ())) for event in _events(one, step)),
        silent=str(told.get("silent", "")),
        attack=_texts(told.get("attack", ())),
        references=_texts(told.get("references", ())),
        path=path,
        cases=cases,
    )


def _need(told: object) -> Need:
    said = _mapping(told, "a need", _NEED, ())
    if ("either" in said) == ("action" in said):
        _refuse("a need says one of action and either", said.line)
    if "either" in said:
        return Need(either=tuple(tuple(_need(one) for one in (way if isinstance(way, list) else [way])) for way in said["either"]))
    return Need(
        actions=_texts(said["action"]),
        to=_texts(said.get("to", "*")),
        context={key: _texts(value) for key, value in said.get("with", {}).items()},
        by=str(said.get("by", "")),
        when=str(said.get("when", "")),
    )


def _events(told: object, step: int) -> Iterator[Event]:
    """Yield an event, or those of which a hop leaves one (``either``)."""
    if isinstance(told, Map) and "either" in told:
        for one in _mapping(told, "what is either", ("either",), ())["either"]:
            yield _event(one, step)
    else:
        yield _event(told, None)


def _event(told: object, step: int | None) -> Event:
    said = _mapping(told, "an event", _EVENT, ("source", "event"))
    record = _mapping(said.get("record", Map(0)), "a record", (), ())
    return Event(said["source"], said["event"], bool(said.get("data", False)), record, step)


def _mapping(value: object, what: str, known: tuple[str, ...], must: tuple[str, ...]) -> Map:
    if not isinstance(value, Map):
        _refuse(f"{what} is no mapping")
    for key in value if known else ():
        if key not in known:
            _refuse(f"{what} has no key '{key}'{suggestion(str(key), known)}", value.lines[key])
    missing = [key for key in must if key not in value]
    if missing:
        _refuse(f"{what} needs {', '.join(missing)}", value.line)
    return value


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - what YAML says
    return tuple(str(one) for one in value) if isinstance(value, (list, tuple)) else (str(value),)


def _refuse(why: str, line: int = 0) -> NoReturn:
    raise Refused(why, line)
