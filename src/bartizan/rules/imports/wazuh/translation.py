"""Write rules of Wazuh as Sigma documents, and say of each of their elements what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.imports.asked import ANY, Asked, Is, detection_of
from bartizan.rules.imports.contract import REFUSED, Piece, Translated, refused
from bartizan.rules.imports.naming import file_of, id_of, name_of, title_of
from bartizan.rules.imports.wazuh.counting import Counted, counted
from bartizan.rules.imports.wazuh.remaining import TECHNIQUE, remaining
from bartizan.rules.imports.wazuh.tree import MATCHED, Chain, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.rules.imports.wazuh.ruleset import WazuhRule
    from bartizan.rules.imports.wazuh.worlds import World

__all__ = ["LANGUAGE", "Translator"]

LANGUAGE: Final = "wazuh"
_LEVELS: Final = ((15, "critical"), (12, "high"), (7, "medium"), (4, "low"), (0, "informational"))
"""Sigma's level from Wazuh's, as Wazuh's own console names them: from 7 medium, from 12 high, from 15 critical."""
_SILENT: Final = "level 0 reports nothing: it is what rules below it build on, and takes records from those beside it"


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates the rules of one tree."""

    tree: Tree

    def all(self) -> Iterator[Translated]:
        """Translate every rule, in the order in which they were read."""
        for rule in sorted(self.tree.rules.values(), key=lambda rule: rule.order):
            yield self.translated(rule)

    def translated(self, rule: WazuhRule) -> Translated:
        """Translate a rule."""
        other = list(remaining(rule))
        made: list[dict[str, Any]] = []
        note = ""
        if any(part.name in MATCHED for part in rule.parts) or "frequency" in rule.attributes:
            result = counted(self.tree, rule, self.emitted)
            pieces = [*result.pieces, *other]
            made = [self._correlation(rule, result)] if result.body else []
        else:
            chain = self.tree.reported(rule)
            pieces = [*chain.pieces, *other]
            made, problems = self._documents(rule, chain) if rule.level else ([], [])
            pieces += problems
        if any(piece.fate == REFUSED for piece in pieces):
            made = []
        elif not rule.level:
            note, made = _SILENT, []
        place = file_of(LANGUAGE, rule.id) if made else ""
        title = title_of(rule.title, f"Wazuh rule {rule.id}")
        return Translated(id=rule.id, title=title, path=rule.path, line=rule.line, pieces=pieces, documents=made, place=place, note=note)

    def emitted(self, number: str) -> list[tuple[str, World]]:
        """Return the documents that a rule becomes, by name, with the log of each; none where it cannot be carried."""
        rule = self.tree.rules[number]
        if any(part.name in MATCHED for part in rule.parts):
            result = counted(self.tree, rule, self.emitted)
            return [] if result.world is None or _refused(result.pieces) else [(name_of(LANGUAGE, number), result.world)]
        chain = self.tree.reported(rule)
        if chain.refused or not rule.level or _refused([*remaining(rule)]):
            return []
        return [(self._name(rule, chain, at), way.world) for at, way in enumerate(chain.ways)]

    def _name(self, rule: WazuhRule, chain: Chain, at: int) -> str:
        return name_of(LANGUAGE, rule.id, *([chain.ways[at].world.name] if len(chain.ways) > 1 else []))

    def _documents(self, rule: WazuhRule, chain: Chain) -> tuple[list[dict[str, Any]], list[Piece]]:
        made = []
        for at, way in enumerate(chain.ways):
            try:
                detection = detection_of(_something(way.asked, way.world))
            except ValueError as error:
                return [], [refused("rule", f"{error}")]
            several = [way.world.name] if len(chain.ways) > 1 else []
            head = _head(rule, self._name(rule, chain, at), several)
            made.append({**head, "logsource": dict(way.world.logsource), "detection": detection, **_origin(rule)})
        return made, []

    def _correlation(self, rule: WazuhRule, result: Counted) -> dict[str, Any]:
        return {**_head(rule, name_of(LANGUAGE, rule.id), []), "correlation": result.body, **_origin(rule)}


def _head(rule: WazuhRule, name: str, several: Sequence[str]) -> dict[str, Any]:
    title = title_of(rule.title, f"Wazuh rule {rule.id}")
    techniques = [f"attack.{text.lower()}" for text in rule.texts("mitre.id") if TECHNIQUE.fullmatch(text)]
    groups = [f"wazuh.{re.sub('[^a-z0-9_.-]+', '-', group.lower())}" for group in rule.groups]
    return {
        "title": title,
        "id": id_of(LANGUAGE, rule.id, *several),
        "name": name,
        "status": "experimental",
        "description": f"Imported from rule {rule.id} of Wazuh. {' '.join(' '.join(rule.texts('info')).split())}".strip(),
        "level": next(level for least, level in _LEVELS if rule.level >= least),
        **({"tags": list(dict.fromkeys([*techniques, *groups]))} if techniques or groups else {}),
    }


def _origin(rule: WazuhRule) -> dict[str, Any]:
    return {"x-origin": {"language": LANGUAGE, "rule": rule.id, "level": rule.level, "file": rule.path, "line": rule.line}}


def _something(asked: Asked, world: World) -> Asked:
    """Ask of a rule that is for every record of a log what every record of it has."""
    return Is(world.log or world.host, value=True, how="exists") if asked == ANY and (world.log or world.host) else asked


def _refused(pieces: Sequence[Piece]) -> bool:
    return any(piece.fate == REFUSED for piece in pieces)
