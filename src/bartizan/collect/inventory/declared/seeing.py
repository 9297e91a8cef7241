"""Functions for the kinds' sections that JMESPath lacks.

``json(text)`` is what a JSON text holds, ``secrets(object)`` the names of values that look like credentials, ``forms(text)`` the
kinds of credentials in a text (``forms64``: in base64), ``form(name, text)`` the kind that one value looks to be,
``pairs(list, name, value)`` the object of a list of pairs, ``listed(value)`` a list in any case, ``parts(text, separator)`` its parts,
``number(value)``, ``names(object)`` its names, sorted, ``epoch(time)`` a time of RFC 3339 in seconds since 1970, ``wide(first, last)``
whether more than a million addresses lie between two.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime
from functools import cache
from ipaddress import IPv4Address
from typing import Any, Final

from bartizan.collect.inventory.credentials import looks_like
from bartizan.collect.inventory.declared.values import Encoded, Unknown, first_unknown
from bartizan.errors import MissingExtra

__all__ = ["functions"]

_MILLION: Final = 1 << 20


@cache
def functions() -> Any:  # noqa: ANN401, C901 - JMESPath carries no types; a class of small functions
    """Return JMESPath's options with the functions; MissingExtra where JMESPath is not installed."""
    try:
        import jmespath  # noqa: PLC0415 - comes with an extra
        from jmespath.functions import Functions, signature  # noqa: PLC0415 - as above
    except ImportError:
        message = "reading declarations of clouds"
        raise MissingExtra(message, "cloud") from None
    anything: dict[str, list[str]] = {"types": []}

    class Seeing(Functions):  # type: ignore[misc]  # JMESPath carries no types
        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_json(self, text: Any) -> Any:  # noqa: ANN401 - JSON
            return (
                text.value if isinstance(text, Encoded) else text if text is None or isinstance(text, Unknown | list) else json.loads(text)
            )

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_secrets(self, held: Any) -> Any:  # noqa: ANN401 - names
            return held if held is None or isinstance(held, Unknown) else _secrets(held)

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_forms(self, text: Any) -> Any:  # noqa: ANN401 - kinds
            return None if text is None else _seen(text) if isinstance(text, Unknown) else _unknown(text) or _forms(text)

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_forms64(self, text: Any) -> Any:  # noqa: ANN401 - kinds
            return _unknown(text) or (None if text is None else _forms(b64decode(text).decode("utf-8", "replace")))

        @signature(anything, anything)  # type: ignore[untyped-decorator]  # as above
        def _func_form(self, name: Any, text: Any) -> Any:  # noqa: ANN401 - a kind
            return _unknown([name, text]) or (None if text is None else looks_like(str(text), name=str(name)) or None)

        @signature(anything, anything, anything)  # type: ignore[untyped-decorator]  # as above
        def _func_pairs(self, items: Any, name: Any, value: Any) -> Any:  # noqa: ANN401 - an object
            return None if items is None else _unknown(items) or {str(one.get(name)): one.get(value) for one in items}

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_listed(self, value: Any) -> Any:  # noqa: ANN401 - a list
            return [] if value is None else value if isinstance(value, list) else [value]

        @signature(anything, anything)  # type: ignore[untyped-decorator]  # as above
        def _func_parts(self, text: Any, separator: Any) -> Any:  # noqa: ANN401 - texts
            return None if text is None else _unknown(text) or str(text).split(separator)

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_names(self, held: Any) -> Any:  # noqa: ANN401 - names
            return sorted(map(str, held)) if isinstance(held, dict) else held if isinstance(held, Unknown) else None

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_number(self, value: Any) -> Any:  # noqa: ANN401 - a number
            return None if value is None or value == "" else _unknown(value) or int(value)

        @signature(anything)  # type: ignore[untyped-decorator]  # as above
        def _func_epoch(self, time: Any) -> Any:  # noqa: ANN401 - seconds
            return None if time is None else _unknown(time) or int(datetime.fromisoformat(str(time)).timestamp())

        @signature(anything, anything)  # type: ignore[untyped-decorator]  # as above
        def _func_wide(self, first: Any, last: Any) -> Any:  # noqa: ANN401 - a truth value
            if first is None or last is None:
                return None
            return _unknown([first, last]) or int(IPv4Address(last)) - int(IPv4Address(first)) >= _MILLION

    return jmespath.Options(custom_functions=Seeing())


def _unknown(value: Any) -> Unknown | None:  # noqa: ANN401 - any value
    return first_unknown(value)


def _secrets(held: dict[str, Any]) -> list[str] | Unknown:
    """Return the names of credentials; where there are none but something is unknown, nobody can tell."""
    found = sorted(name for name, value in held.items() if _bears(name, value))
    return found or first_unknown(held) or []


def _bears(name: str, value: Any) -> bool:  # noqa: ANN401 - any value
    return value.credential if isinstance(value, Unknown) else isinstance(value, str) and bool(looks_like(value, name=name))


def _seen(text: Unknown) -> list[str] | Unknown:
    """Return the kinds of credentials in a text of which parts are unknown; where the rest has none, nobody can tell."""
    found = {*_forms(text.text or ""), *(("credential",) if text.credential else ())}
    return sorted(found) or text


def _forms(text: str) -> list[str]:
    """Return the kinds of credentials in a text, line by line, sorted."""
    return sorted({form for line in text.splitlines() if (form := looks_like(line))})
