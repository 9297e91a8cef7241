"""Read rule files of Wazuh 4 into rules: variables put in, groups inherited, overwritten rules replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.wazuh.xml import Broken, Element, elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Part", "Ruleset", "WazuhRule", "documents_of", "parts_of", "substituted"]

_VARIABLE: Final = re.compile(r"\$([A-Za-z_]\w*)")
_JOINED: Final = frozenset(
    {
        *("match", "regex", "user", "url", "id", "status", "hostname", "program_name", "extra_data", "data", "protocol", "system_name"),
        *("location", "action", "srcport", "dstport"),
    }
)
"""Elements that, written several times in a rule, are one text: Wazuh puts them one behind the other."""
_PATTERNED: Final = _JOINED | {"field", "prematch"}
_LAYOUT: Final = re.compile(r"^\s*\n\s*|\s*\n\s*$")


@dataclass(frozen=True, slots=True)
class Part:
    """An element of a rule: its name, its text (variables put in), attributes and line."""

    name: str
    text: str
    attributes: Mapping[str, str]
    line: int

    @property
    def shown(self) -> str:
        """Return what a report calls it."""
        named = f" {self.attributes['name']}" if "name" in self.attributes else ""
        return f"{self.name}{named}"


@dataclass(frozen=True, slots=True)
class WazuhRule:
    """A rule: its id (digits), level, groups, its other attributes, its elements, and where it stands."""

    id: str
    level: int
    path: str
    line: int
    attributes: Mapping[str, str]
    parts: Sequence[Part]
    groups: tuple[str, ...] = ()
    order: int = 0
    """Its place among the rules that were read."""

    def texts(self, *names: str) -> list[str]:
        """Return the texts of the elements of these names."""
        return [part.text for part in self.parts if part.name in names]

    @property
    def title(self) -> str:
        """Return its description, on one line."""
        return " ".join(" ".join(self.texts("description")).split())


@dataclass(slots=True)
class Ruleset:
    """The rules of all files by id, in the order in which they were read, and what could not be read."""

    rules: dict[str, WazuhRule] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, path: str, roots: Iterable[Element]) -> None:
        """Take the rules of a file."""
        variables: dict[str, str] = {}
        for group in roots:
            if group.name == "var":
                variables[group.attributes.get("name", "")] = substituted(group.text.strip(), variables)
            elif group.name in ("group", "rule", "rules"):
                self._take(path, group, variables)
            else:
                self.problems.append(f"{path}:{group.line}: <{group.name}> is neither a group of rules, a decoder nor a variable: not read")

    def _take(self, path: str, group: Element, variables: dict[str, str]) -> None:
        groups = _names(substituted(group.attributes.get("name", ""), variables))
        for element in [group] if group.name == "rule" else group.children:
            if element.name == "rule":
                self._rule(path, element, groups, variables)
            elif element.name == "group" and element.children:
                self._take(path, element, variables)
            elif element.name == "var":
                variables[element.attributes.get("name", "")] = substituted(element.text.strip(), variables)
            else:
                self.problems.append(f"{path}:{element.line}: <{element.name}> in a group is no rule: not read")

    def _rule(self, path: str, element: Element, groups: tuple[str, ...], variables: Mapping[str, str]) -> None:
        attributes = {name: substituted(value, variables) for name, value in element.attributes.items()}
        number, level = attributes.get("id", ""), attributes.get("level", "")
        if not number.isdecimal() or not level.isdecimal() or int(level) > 16:  # noqa: PLR2004 - Wazuh's highest level
            self.problems.append(f"{path}:{element.line}: a rule without a number as id, or with a level that is not 0 to 16: not read")
            return
        parts = list(_joined(parts_of(element, variables)))
        own = (*groups, *(name for part in parts if part.name == "group" for name in _names(part.text)))
        rule = WazuhRule(number.lstrip("0") or "0", int(level), path, element.line, attributes, parts, tuple(dict.fromkeys(own)))
        before = self.rules.get(rule.id)
        order = len(self.rules) if before is None else before.order
        if before is not None and attributes.get("overwrite", "no") != "yes":
            self.problems.append(
                f'{path}:{rule.line}: rule {rule.id} stands in {before.path}:{before.line} already, and says no overwrite="yes": not read'
            )
            return
        if before is not None:
            self.remarks.append(f"{path}:{rule.line}: rule {rule.id} overwrites that of {before.path}:{before.line}")
            rule = _over(rule, before)
        self.rules[rule.id] = replace(rule, order=order)


def _over(rule: WazuhRule, before: WazuhRule) -> WazuhRule:
    """Keep, of a rule that is overwritten, its place in the tree: Wazuh does not take up another one."""
    place = ("if_sid", "if_group", "if_level", "if_matched_sid", "if_matched_group", "decoded_as", "category")
    kept = [part for part in before.parts if part.name in place]
    return replace(rule, parts=[*kept, *(part for part in rule.parts if part.name not in place)])


def documents_of(content: bytes, path: str, problems: list[str]) -> list[Element]:
    """Return the elements at the top of a file, with none and a problem where it cannot be read."""
    try:
        return elements(content)
    except Broken as broken:
        problems.append(f"{path}:{broken.line}: {broken.why}")
        return []


def substituted(text: str, variables: Mapping[str, str]) -> str:
    """Put the values of variables in; a name that is none stays as it is written."""
    return _VARIABLE.sub(lambda met: variables.get(met[1], met[0]), text) if "$" in text else text


def parts_of(rule: Element, variables: Mapping[str, str]) -> Iterator[Part]:
    """Yield the elements of a rule or decoder, variables put in; those of ``mitre`` are called ``mitre.id`` and so on."""
    for element in rule.children:
        attributes = {name: substituted(value, variables) for name, value in element.attributes.items()}
        if element.name == "mitre":
            for child in element.children:
                yield Part(f"mitre.{child.name}", child.text.strip(), {}, child.line)
        else:
            # Blanks of a pattern count; a line break and what is around it is how the file is laid out.
            text = _LAYOUT.sub("", element.text)
            yield Part(element.name, substituted(text if element.name in _PATTERNED else text.strip(), variables), attributes, element.line)


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Join elements that are one text; the attributes of the last one count."""
    found: list[Part] = []
    for part in parts:
        at = next((at for at, known in enumerate(found) if known.name == part.name and part.name in _JOINED), None)
        if at is None:
            found.append(part)
        else:
            found[at] = replace(part, text=found[at].text + part.text, line=found[at].line)
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
