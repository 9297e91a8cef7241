"""Make uids, ids and names of what is declared: templates with ``{...}`` in them.

``{name}`` is an attribute, ``{a.0.b}`` one further inside, ``{path|/}`` one with what it is where it is not set. ``{account}``,
``{region}`` and ``{partition}`` say where; ``{uid}`` is the uid of the resource; ``{made}``, ``{made6}``, ``{made12}`` (digits) and
``{made:i-}`` are stand-ins for what the provider makes up itself: always the same for the same address. ``{name:last}`` is what follows
the last ``/`` or ``:``, ``{name:path}`` is without a first ``/``, ``{name:host}`` without ``https://``. A name that is not set is its
``NAME_prefix`` and a stand-in.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.values import Unknown, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.collect.inventory.declared.contract import Account

__all__ = ["PLACEHOLDER", "Rendering", "stand_in"]

PLACEHOLDER: Final = re.compile(r"\{([^{}|]+)(\|[^{}]*)?\}")


def stand_in(seed: str, length: int) -> str:
    """Return hexadecimal digits that stand for what nobody can know before it is made."""
    return sha256(seed.encode()).hexdigest()[:length]


_SHORT: Final = {
    "made6": lambda address: stand_in(address, 6),
    "made12": lambda address: str(int(stand_in(address, 12), 16))[-11:].rjust(12, "8"),
}


class Rendering:
    """The templates of one resource: ``attribute`` gives its attributes, None where one is not set."""

    def __init__(self, address: str, where: Account, attribute: Callable[[str], Any]) -> None:
        """Hold what names the resource and where it is."""
        self.address = address
        self.where = where
        self.attribute = attribute
        self.uid = ""
        self.assumed: list[str] = []
        """What was made up."""

    def render(self, template: str) -> str:
        """Return a template with its placeholders filled."""
        return PLACEHOLDER.sub(self._fill, template)

    def _fill(self, found: re.Match[str]) -> str:
        name, otherwise = found[1], found[2]
        if name in ("account", "region", "partition"):
            return str(getattr(self.where, name))
        if name == "uid":
            return self.uid
        if name == "made" or name.startswith("made:"):
            return self._made(name[5:])
        if name in _SHORT:
            return _SHORT[name](self.address)
        name, _, part = name.partition(":")
        return _part(self._text(name, otherwise), part)

    def _made(self, prefix: str) -> str:
        """Return the id where it exists already, as in a state, else what stands for it."""
        held = self.attribute("id")
        if prefix and isinstance(held, str) and held.startswith(prefix):
            return held
        return prefix + stand_in(self.address, 17)

    def _text(self, name: str, otherwise: str | None) -> str:
        value = self._value(name)
        if value is None and otherwise is not None:
            return otherwise[1:]
        if isinstance(value, str | int | float) and value != "":
            return text_of(value)
        return self._assume(name, value)

    def _value(self, name: str) -> Any:  # noqa: ANN401 - any value of a declaration
        first, *path = name.split(".")
        value = self.attribute(first)
        for part in path:
            if isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list):  # pairs, as CloudFormation writes tags
                value = next((one.get("Value") for one in value if isinstance(one, dict) and one.get("Key") == part), None)
            else:
                return value if isinstance(value, Unknown) else None
        return value

    def _assume(self, name: str, value: Any) -> str:  # noqa: ANN401 - any value of a declaration
        """Make something up that names the resource all the same, and tell it."""
        prefix = self.attribute(f"{name}_prefix") if value is None else None
        made = stand_in(f"{self.address} {name}", 8)
        if isinstance(prefix, str):
            return f"{prefix}{made}"
        why = value.why if isinstance(value, Unknown) else "it is not set"
        self.assumed.append(f"{name}: {why}")
        known = value.text if isinstance(value, Unknown) and value.text else None
        return known.replace("\ufffc", made) if known else f"{re.split('[./]', self.address)[-1]}-{made}"


def _part(text: str, part: str) -> str:
    if part == "last":
        return re.split("[/:]", text)[-1]
    if part == "host":
        return text.partition("://")[2] or text
    if part == "host":
        return text.partition("://")[2] or text
    return text.removeprefix("/") if part == "path" else text
