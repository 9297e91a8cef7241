"""Read what a mapping file says of an attribute, a test or an alias; whatever is wrong is refused with its line."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.mapped.conditions import KINDS
from bartizan.collect.mapped.functions import function_of, makers, plain
from bartizan.collect.mapped.plan import All, Constant, Each, Field, First, Guarded, Join, Lookup, Made, Scalar, Step, Test, Tests, Value
from bartizan.documents import Map, Refused, Seq, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["groups_of", "line_of", "tests_of", "value_of"]

_FUNCTION: Final = re.compile(r"(\w+)(?:\((.*)\))?", re.DOTALL)
_FORMS: Final = "`field`, `field | function`, [several], {is: text}, {of, map, else}, {join, with}, {each, …}, {one: {…}}"


def line_of(value: object, key: object = None) -> int:
    """Return the line of a value, or of one of its keys; 0 where it has none."""
    if isinstance(value, Map) and key is not None:
        return value.lines.get(key, value.line)
    return value.line if isinstance(value, Map | Seq) else 0


def value_of(said: object, line: int) -> Value:
    """Return the value that a mapping file says."""
    if isinstance(said, bool | int | float):
        return Constant(said)
    if isinstance(said, str):
        return _field(said, line)
    if isinstance(said, Seq):
        if not said:
            message = "an empty list says nothing: name at least one field"
            raise Refused(message, line)
        return First(tuple(value_of(item, line) for item in said))
    if isinstance(said, Map):
        return _form(said, line)
    message = f"{'nothing' if said is None else repr(said)} stands where a value is expected; write {_FORMS}"
    raise Refused(message, line)


def groups_of(said: object, line: int) -> Tests:
    """Return the tests that a mapping file asks for, or the several groups of tests of which one must hold."""
    if isinstance(said, Seq):
        return tuple(tests_of(group, line_of(group) or line) for group in said)
    return (tests_of(said, line),)


def tests_of(said: object, line: int) -> tuple[Test, ...]:
    """Return the tests of fields that a mapping file asks for."""
    if not isinstance(said, Map):
        message = "tests are a mapping of fields to what must be so: {eventType: present, version: [1, 2], name: 'user.*'}"
        raise Refused(message, line)
    return tuple(_test(str(name), wanted, line_of(said, name)) for name, wanted in said.items())


def _test(name: str, wanted: object, line: int) -> Test:
    if isinstance(wanted, str) and wanted in KINDS:
        return Test(name, wanted)
    values = wanted if isinstance(wanted, Seq) else [wanted]
    if not values or any(isinstance(value, Map | Seq) or value is None for value in values):
        message = f"{name}: write {', '.join(KINDS)}, a value, or a list of values"
        raise Refused(message, line)
    return Test(name, "values", tuple(_text(value) for value in values))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _field(said: str, line: int) -> Value:
    name, *steps = said.split(" | ")
    if not name.strip():
        message = f"'{said}' names no field"
        raise Refused(message, line)
    return Field(name.strip(), tuple(_step(step.strip(), line) for step in steps))


def _step(said: str, line: int) -> Step:
    met = _FUNCTION.fullmatch(said)
    name = met[1] if met else said
    step = Step(name, met[2] if met else None)
    known: Mapping[str, object] = plain() if step.argument is None else makers()
    if name not in known:
        other = makers() if step.argument is None else plain()
        hint = (
            f"it is written {name}" + ("(…)" if step.argument is None else "")
            if name in other
            else f"there are: {', '.join(sorted(known))}"
        )
        message = f"'{said}' is no function{suggestion(name, known)}; {hint}"
        raise Refused(message, line)
    try:
        function_of(step)
    except (ValueError, re.error) as error:
        message = f"'{said}': {error}"
        raise Refused(message, line) from error
    return step


def _form(said: Map, line: int) -> Value:
    if "when" in said:
        rest = Map(said.line)
        rest.lines.update(said.lines)
        rest.update((key, value) for key, value in said.items() if key != "when")
        return Guarded(tests_of(said["when"], line_of(said, "when")), _form(rest, line))
    for key, make in _MAKERS.items():
        if key in said:
            return make(said, line)
    message = f"a mapping with the keys {', '.join(map(str, said))} is no value; write {_FORMS}"
    raise Refused(message, line)


def _is(said: Map, line: int) -> Value:
    _only(said, "is")
    value = said["is"]
    return Constant(tuple(scalar_of(item, line) for item in value) if isinstance(value, Seq) else scalar_of(value, line))


def _of(said: Map, _line: int) -> Value:
    _only(said, "of", "map", "else")
    of = value_of(said["of"], line_of(said, "of"))
    if "map" not in said:
        if "else" not in said:
            return of
        return First((of, _other(said["else"], line_of(said, "else"))))
    table = said["map"]
    if not isinstance(table, Map) or not table:
        message = "map is a mapping of texts to what they mean: {map: {login: 1, logout: 2}}"
        raise Refused(message, line_of(said, "map"))
    known = tuple((_text(key), scalar_of(value, line_of(table, key))) for key, value in table.items())
    return Lookup(of, known, _other(said["else"], line_of(said, "else")) if "else" in said else None)


def _join(said: Map, line: int) -> Value:
    _only(said, "join", "with", "do")
    parts = said["join"]
    if not isinstance(parts, Seq) or not parts:
        message = "join is a list of fields: {join: [date, time], with: ' '}"
        raise Refused(message, line)
    steps = [step for step in str(said.get("do", "")).split(" | ") if step.strip()]
    between = said.get("with", "")
    joined = tuple(value_of(part, line) for part in parts)
    return Join(joined, "" if between is None else str(between), tuple(_step(step.strip(), line_of(said, "do")) for step in steps))


def _all(said: Map, line: int) -> Value:
    _only(said, "all")
    parts = said["all"]
    if not isinstance(parts, Seq) or not parts:
        message = "all is a list of fields: {all: [operationName, properties | json]}"
        raise Refused(message, line)
    return All(tuple(value_of(part, line) for part in parts))


def _each(said: Map, line: int) -> Value:
    return Each(str(said["each"]), _attributes(said, line, "each"))


def _one(said: Map, line: int) -> Value:
    _only(said, "one")
    inner = said["one"]
    if not isinstance(inner, Map):
        message = "one is a mapping of attributes: {one: {uid: ruleId, name: ruleName}}"
        raise Refused(message, line)
    return Made(_attributes(inner, line, ""))


_MAKERS: Final[dict[str, Callable[[Map, int], Value]]] = {"is": _is, "all": _all, "each": _each, "one": _one, "join": _join, "of": _of}


def _attributes(said: Map, line: int, but: str) -> tuple[tuple[str, Value], ...]:
    found = tuple((str(name), value_of(value, line_of(said, name))) for name, value in said.items() if name != but)
    if not found:
        message = "an object without attributes says nothing: name at least one, such as uid or name"
        raise Refused(message, line)
    return found


def _other(said: object, line: int) -> Value:
    """Return what follows ``else``: a text is a text here, as the values of the table beside it are."""
    return Constant(said) if isinstance(said, str) else value_of(said, line)


def scalar_of(said: Any, line: int) -> Scalar:  # noqa: ANN401 - YAML holds anything
    """Return a text, number or truth value; a date that YAML sees is the text it was."""
    if isinstance(said, str | bool | int | float):
        return said
    if isinstance(said, date):
        return said.isoformat()
    message = f"{said!r} stands where a text, a number or true/false is expected"
    raise Refused(message, line)


def _only(said: Map, *known: str) -> None:
    for key in said:
        if key not in known:
            message = f"'{key}' is not read beside '{known[0]}'{suggestion(str(key), known)}; there are: {', '.join(known)}"
            raise Refused(message, line_of(said, key))
