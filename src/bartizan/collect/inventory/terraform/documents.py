"""Read what Terraform writes as JSON: plans and states as ``terraform show -json`` tells them, and raw state files.

Sources: "JSON Output Format" of Terraform's documentation (format versions 0.x and 1.x), and state files of version 4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin
from bartizan.collect.inventory.declared.contract import Account, Declared
from bartizan.collect.inventory.declared.values import Unknown
from bartizan.collect.inventory.terraform.references import Configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Document", "form_of"]

_ARN: Final = re.compile(r"^arn:(aws[\w-]*):[\w-]+:([\w-]*):(\d{12}):")
_AFTER_APPLY: Final = Unknown("it is known only after the plan is applied")
_MAX_MODULES: Final = 60


def form_of(document: Any) -> str:  # noqa: ANN401 - JSON
    """Return what a JSON document is: plan, state, raw state, or "" for none of them."""
    if not isinstance(document, dict):
        return ""
    if "terraform_version" in document and isinstance(document.get("resources"), list) and "lineage" in document:
        return "raw state"
    if "format_version" in document and ("planned_values" in document or "resource_changes" in document):
        return "plan"
    return "state" if "format_version" in document and "terraform_version" in document else ""


class Document:
    """One plan or state: its resources as declarations, and what could not be read of it."""

    def __init__(self, document: Mapping[str, Any], file: str, where: Account) -> None:
        """Hold the document, the file it stands in, and what holds where it says no account or region."""
        self.gaps: list[Gap] = []
        self._document = document
        self._file = file
        self._where = where
        self._configuration = Configuration(document.get("configuration"), where)

    def declared(self) -> list[Declared]:
        """Return its resources; data sources are none."""
        form = form_of(self._document)
        read = {"plan": self._planned, "state": self._shown, "raw state": self._raw}[form]()
        made: list[Declared] = []
        for address, kind, values in read:
            if isinstance(address, str) and isinstance(kind, str) and isinstance(values, dict):
                made.append(self._one(address, kind, values))
            else:
                self._gap("a resource has no address, type or values")
        return self._placed(self._configuration.resolved(made))

    def before(self) -> list[Declared]:
        """Return what a plan says is there before it, as far as it manages it; nothing of a state."""
        return self._placed([self._one(address, kind, before) for address, kind, before, _ in self._changes()])

    def gone(self) -> list[Declared]:
        """Return what a plan takes away and puts nothing in the place of."""
        return self._placed(
            [self._one(address, kind, before) for address, kind, before, actions in self._changes() if actions == ["delete"]]
        )

    def _changes(self) -> Iterator[tuple[str, str, dict[str, Any], list[str]]]:
        """Yield the address, type, values before and actions of each managed resource that there is before a plan."""
        for one in _objects(self._document.get("resource_changes")):
            change = one.get("change")
            told: dict[str, Any] = change if isinstance(change, dict) else {}
            before, address, kind = told.get("before"), one.get("address"), one.get("type")
            if one.get("mode", "managed") == "managed" and isinstance(before, dict) and isinstance(address, str) and isinstance(kind, str):
                yield address, kind, before, _texts(told.get("actions"))

    def _one(self, address: str, kind: str, values: dict[str, Any]) -> Declared:
        kept = {name: value for name, value in values.items() if value is not None}
        origin = Origin("terraform", self._file, address)
        return Declared(type=kind, address=address, values=kept, where=self._configuration.where(address, kind), origin=origin)

    def _placed(self, declared: list[Declared]) -> list[Declared]:
        """Put each resource where its own ARN says it is; the others where most of its type's provider are."""
        told = [found for one in declared if (found := _ARN.match(str(one.values.get("arn") or "")))]
        account = self._where.account or _most(found[3] for found in told)
        region = self._where.region or _most(found[2] for found in told if found[2])
        made: list[Declared] = []
        for one in declared:
            found = _ARN.match(str(one.values.get("arn") or ""))
            held = one.where
            own = one.values.get("region")
            where = Account(
                account=(found[3] if found else "") or held.account or account,
                region=(found[2] if found and found[2] else "") or (own if isinstance(own, str) else "") or held.region or region,
                partition=found[1] if found else held.partition,
                tags=held.tags,
            )
            made.append(Declared(type=one.type, address=one.address, values=one.values, where=where, origin=one.origin))
        return made

    def _planned(self) -> Iterator[tuple[Any, Any, Any]]:
        """Yield what will be: what is planned, with what is not known yet in its place."""
        unknown: dict[str, Any] = {}
        for change in _objects(self._document.get("resource_changes")):
            told = change.get("change")
            if isinstance(told, dict):
                unknown[str(change.get("address"))] = told.get("after_unknown")
        planned = self._document.get("planned_values")
        for address, kind, values in self._modules(planned.get("root_module") if isinstance(planned, dict) else None):
            yield address, kind, _with_unknown(values, unknown.get(str(address)))

    def _shown(self) -> Iterator[tuple[Any, Any, Any]]:
        values = self._document.get("values")
        yield from self._modules(values.get("root_module") if isinstance(values, dict) else None)

    def _modules(self, root: Any) -> Iterator[tuple[Any, Any, Any]]:  # noqa: ANN401 - JSON
        stack = [(root, 0)]
        while stack:
            module, depth = stack.pop()
            if not isinstance(module, dict) or depth > _MAX_MODULES:
                if module is not None:
                    self._gap("a module is none, or stands too deep")
                continue
            for one in _objects(module.get("resources")):
                if one.get("mode") == "managed":
                    yield one.get("address"), one.get("type"), one.get("values")
            stack.extend((child, depth + 1) for child in reversed(_objects(module.get("child_modules"))))

    def _raw(self) -> Iterator[tuple[Any, Any, Any]]:
        if self._document.get("version") != 4:  # noqa: PLR2004 - the version that Terraform writes since 0.12
            self._gap(f"it is a state of version {self._document.get('version')}, and only 4 is read: run terraform show -json")
            return
        for one in _objects(self._document.get("resources")):
            if one.get("mode") != "managed":
                continue
            prefix = f"{one['module']}." if isinstance(one.get("module"), str) else ""
            for instance in _objects(one.get("instances")):
                key = instance.get("index_key")
                index = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
                yield f"{prefix}{one.get('type')}.{one.get('name')}{index}", one.get("type"), instance.get("attributes")

    def _gap(self, detail: str) -> None:
        self.gaps.append(Gap(provider="", call=self._file, reason="unresolved", detail=detail))


def _objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _with_unknown(values: Any, unknown: Any) -> Any:  # noqa: ANN401 - JSON
    """Put what is not known yet in its place among what is."""
    if unknown is True:
        return _AFTER_APPLY
    if isinstance(unknown, dict) and isinstance(values, dict | None):
        held = values or {}
        return {name: _with_unknown(held.get(name), unknown.get(name)) for name in (*held, *(unknown.keys() - held.keys()))}
    if isinstance(unknown, list) and isinstance(values, list | None):
        held_items = values or []
        length = max(len(held_items), len(unknown))
        padded = [*held_items, *[None] * (length - len(held_items))]
        return [_with_unknown(one, unknown[at] if at < len(unknown) else False) for at, one in enumerate(padded)]
    return values


def _most(values: Iterator[str]) -> str:
    counted: dict[str, int] = {}
    for value in values:
        counted[value] = counted.get(value, 0) + 1
    return max(counted, key=lambda value: counted[value], default="")
