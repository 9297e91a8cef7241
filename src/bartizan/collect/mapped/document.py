"""Read a mapping file: YAML into a plan, or why it is none and on which line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.mapped.classes import with_classes
from bartizan.collect.mapped.headers import HEADERS
from bartizan.collect.mapped.plan import Constant, Plan, PlannedExample, PlannedRoute, PlannedView, Reader, Tests, Value
from bartizan.collect.mapped.texts import FORMATS
from bartizan.collect.mapped.values import groups_of, line_of, value_of
from bartizan.documents import Map, Refused, Seq, documents, suggestion
from bartizan.schema import ocsf

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["plan_of"]

_KEYS: Final = ("name", "title", "product", "read", "marks", "recognise", "general", "check", "ocsf", "sigma", "routes", "examples")
_ROUTE_KEYS: Final = ("name", "when", "sigma", "ocsf")
_VIEW_KEYS: Final = ("product", "category", "service", "fields")
_EXAMPLE_KEYS: Final = ("title", "raw", "routes", "ocsf", "head")
_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "json": (),
    "kv": ("pair", "between"),
    "csv": ("columns", "separator", "kinds", "kind_column", "least"),
    "regex": ("patterns",),
    "cef": (),
    "leef": ("between",),
    "w3c": ("columns",),
}
_READ_KEYS: Final = ("as", "header", "program", "body")
_NEEDED: Final = ("class_uid", "activity_id", "time")
_NANO: Final = 1_000_000_000


def plan_of(content: bytes) -> Plan:
    """Return the plan of a mapping file; Refused, with the line, where it is none."""
    found = next(documents(content), None)
    if isinstance(found, Refused):
        raise found
    if found is None or not isinstance(found.value, Map):
        message = f"a mapping file is one YAML mapping with the keys {', '.join(_KEYS)}"
        raise Refused(message, 1)
    said = found.value
    _known(said, _KEYS)
    for key in ("name", "title", "product", "read", "routes"):
        if not said.get(key):
            message = f"{key} is missing; a mapping file has name, title, product, read, routes"
            raise Refused(message, said.line)
    reader = _reader(said)
    checked = _checked_by_ocsf(said, reader)
    routes = with_classes(_routes(said), _table(_map(said, "ocsf")), _views(said)) if checked else _routes(said)
    return Plan(
        name=str(said["name"]),
        title=str(said["title"]),
        product={str(key): str(value) for key, value in _map(said, "product").items()},
        reader=reader,
        marks=_marks(said),
        recognise=_recognised(said, reader),
        general=said.get("general") is True,
        checked=checked,
        routes=routes,
        examples=tuple(_example(example, routes, line_of(said, "examples")) for example in _list(said, "examples")),
    )


def _checked_by_ocsf(said: Map, reader: Reader) -> bool:
    if "check" not in said:
        return False
    if said["check"] != "ocsf" or reader.format != "json":
        message = "check is ocsf, of records that are JSON: they are held to what OCSF says of their class"
        raise Refused(message, line_of(said, "check"))
    return True


def _marks(said: Map) -> tuple[bytes, ...]:
    marks = [str(mark) for mark in _list(said, "marks")]
    for mark in marks:
        if not mark or "\n" in mark:
            message = f"{mark!r} is no mark: a mark is a text of one line that is in records"
            raise Refused(message, line_of(said, "marks"))
    return tuple(mark.encode() for mark in marks)


def _recognised(said: Map, reader: Reader) -> Tests:
    if "recognise" in said:
        return groups_of(said["recognise"], line_of(said, "recognise"))
    if reader.format != "json":
        return ()
    message = "recognise is missing: name fields that tell these records from all other JSON, such as {eventType: present}"
    raise Refused(message, said.line)


def _reader(said: Map) -> Reader:
    read, line = said["read"], line_of(said, "read")
    options = read if isinstance(read, Map) else {"as": read}
    kind = str(options.get("as", ""))
    if kind not in FORMATS:
        message = f"'{kind}' is no format{suggestion(kind, FORMATS)}; read is one of {', '.join(FORMATS)}"
        raise Refused(message, line)
    if isinstance(read, Map):
        _known(read, (*_READ_KEYS, *_OPTIONS[kind]))
    header = str(options.get("header", "none"))
    if header not in HEADERS:
        message = f"'{header}' is no header{suggestion(header, HEADERS)}; header is one of {', '.join(HEADERS)}"
        raise Refused(message, line_of(read, "header"))
    program = options.get("program", ())
    patterns = [*_texts(options.get("patterns")), *([str(options["body"])] if "body" in options else [])]
    for pattern in patterns:
        _compiled(pattern, line_of(read, "patterns" if "patterns" in options else "body"))
    return Reader(
        format=kind,
        header=header,
        program=tuple(map(str, program if isinstance(program, Seq) else [program])),
        body=str(options.get("body", "")),
        options={key: _plain(options[key]) for key in _OPTIONS[kind] if key in options},
    )


def _texts(said: object) -> Iterable[str]:
    return map(str, said.values()) if isinstance(said, Map) else ()


def _compiled(pattern: str, line: int) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        message = f"'{pattern[:60]}' is no regular expression: {error}"
        raise Refused(message, line) from error


def _routes(said: Map) -> tuple[PlannedRoute, ...]:
    routes = said["routes"]
    if not isinstance(routes, Seq) or not all(isinstance(route, Map) for route in routes):
        message = "routes is a list of mappings, each with name and ocsf: what records of one meaning are"
        raise Refused(message, line_of(said, "routes"))
    planned = tuple(_route(route, said) for route in routes)
    used = {name for route in planned for name, _ in route.ocsf}
    common = _map(said, "ocsf")
    for name in common:
        if name not in used:
            message = f"{name} is no attribute of the class of any route"
            raise Refused(message, line_of(common, name))
    return planned


def _route(route: Map, said: Map) -> PlannedRoute:
    _known(route, _ROUTE_KEYS)
    if not route.get("name"):
        message = "this route has no name"
        raise Refused(message, route.line)
    common, own = _map(said, "ocsf"), _map(route, "ocsf")
    table = {str(name): (value_of(value, line_of(common, name)), line_of(common, name)) for name, value in common.items()}
    table.update({str(name): (value_of(value, line_of(own, name)), line_of(own, name)) for name, value in own.items()})
    for name in _NEEDED:
        if name not in table:
            message = f"route {route['name']} does not say what {name} is"
            raise Refused(message, route.line)
    table.setdefault("severity_id", (Constant(1), 0))
    uid = _class_uid(*table["class_uid"], route.line)
    for name in [name for name in table if name not in own and ocsf.attribute_at(uid, name) is None and not name.startswith("unmapped.")]:
        # What is common to all routes goes to those whose class has it.
        del table[name]
    _checked(table, uid)
    return PlannedRoute(
        name=str(route["name"]),
        when=groups_of(route["when"], line_of(route, "when")) if "when" in route else (),
        views=(*_views(route), *_views(said)),
        ocsf=tuple((name, value) for name, (value, _) in table.items()),
    )


def _table(said: Map) -> list[tuple[str, Value]]:
    return [(str(name), value_of(value, line_of(said, name))) for name, value in said.items()]


def _views(said: Map) -> tuple[PlannedView, ...]:
    return tuple(_view(view, line_of(said, "sigma")) for view in _list(said, "sigma"))


def _class_uid(value: Value, line: int, route_line: int) -> int:
    if isinstance(value, Constant) and isinstance(value.value, int) and ocsf.class_of(value.value) is not None:
        return value.value
    message = "class_uid is the number of an OCSF class, such as 3002 (Authentication) or 6003 (API Activity)"
    raise Refused(message, line or route_line)


def _checked(table: dict[str, tuple[Value, int]], class_uid: int) -> None:
    """Refuse attributes that the class of a route has not."""
    for name, (_, where) in table.items():
        if name.startswith("unmapped."):
            continue
        parent, _, leaf = name.rpartition(".")
        above = ocsf.attribute_at(class_uid, parent) if parent else None
        if above is not None and above.is_array:
            message = f"{parent} is a list: write {parent}: {{each: FIELD, {leaf}: …}} or {parent}: {{one: {{{leaf}: …}}}}"
            raise Refused(message, where)
        if ocsf.attribute_at(class_uid, name) is None:
            message = f"{name} is no attribute of OCSF class {class_uid}{suggestion(leaf, _siblings(class_uid, above))}"
            raise Refused(message, where)


def _siblings(class_uid: int, above: ocsf.Attribute | None) -> Iterable[str]:
    """Return the attributes of the object that is above, or of the class."""
    known = ocsf.class_of(class_uid)
    if above is not None and above.is_object:
        return ocsf.shape_of_object(above.kind).attributes
    return () if known is None else known.shape.attributes


def _view(view: object, line: int) -> PlannedView:
    if not isinstance(view, Map):
        message = "sigma is a list of log sources: [{product: okta, service: okta, fields: {name in rules: field}}]"
        raise Refused(message, line)
    _known(view, _VIEW_KEYS)
    fields = _map(view, "fields")
    return PlannedView(
        product=str(view.get("product", "")),
        category=str(view.get("category", "")),
        service=str(view.get("service", "")),
        fields=tuple((str(name), value_of(value, line_of(fields, name))) for name, value in fields.items()),
    )


def _example(example: object, routes: tuple[PlannedRoute, ...], line: int) -> PlannedExample:
    if not isinstance(example, Map):
        message = "examples is a list of mappings with title, raw (a list of records), routes and ocsf"
        raise Refused(message, line)
    _known(example, _EXAMPLE_KEYS)
    raw = [str(record).rstrip("\n").encode() for record in _list(example, "raw")]
    taken = [None if route is None else str(route) for route in _list(example, "routes")]
    names = [route.name for route in routes]
    if not taken:
        taken = [names[0]] * len(raw)
    if len(taken) == 1 and len(raw) > 1:
        taken *= len(raw)
    for route in taken:
        if route is not None and route not in names:
            message = f"'{route}' is none of the routes{suggestion(route, names)}; write null for a record that is not read"
            raise Refused(message, line_of(example, "routes"))
    said = {str(name): _shown(str(name), value) for name, value in _map(example, "ocsf").items()}
    head = tuple(str(line).encode() for line in _list(example, "head"))
    return PlannedExample(str(example.get("title", "")), tuple(raw), tuple(taken), said, head)


def _shown(name: str, value: object) -> object:
    """Return an attribute as it must come out; a date is nanoseconds since 1970."""
    if name == "time" and isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp()) * _NANO + moment.microsecond * 1_000
    return _plain(value)


def _plain(value: Any) -> object:  # noqa: ANN401 - YAML holds anything
    if isinstance(value, Map):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Seq):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _map(said: Map, key: str) -> Map:
    found = said.get(key)
    if found is None:
        return Map(said.line)
    if not isinstance(found, Map):
        message = f"{key} is a mapping of names to values"
        raise Refused(message, line_of(said, key))
    return found


def _list(said: Map, key: str) -> Seq:
    found = said.get(key)
    if found is None:
        return Seq(said.line)
    if not isinstance(found, Seq):
        message = f"{key} is a list"
        raise Refused(message, line_of(said, key))
    return found


def _known(said: Map, known: tuple[str, ...]) -> None:
    for key in said:
        if key not in known:
            message = f"'{key}' is not read here{suggestion(str(key), known)}; there are: {', '.join(known)}"
            raise Refused(message, line_of(said, key))
