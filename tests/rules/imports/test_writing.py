"""Results are there as a whole or not at all; what our own loader refuses is not among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.rules.imports.judging import fires

from bartizan.errors import OutputError
from bartizan.rules.imports.asked import ANY, NOTHING, Is, Never, detection_of, every, never, plain, some
from bartizan.rules.imports.contract import Imported, Translated, carried
from bartizan.rules.imports.proving import proved
from bartizan.rules.imports.writing import write

if TYPE_CHECKING:
    from pathlib import Path

RULE: dict[str, Any] = {
    "title": "t",
    "name": "one",
    "logsource": {"product": "p"},
    "detection": {"s": {"a": "b"}, "condition": "s"},
}


def translated(place: str, *documents: dict[str, Any]) -> Translated:
    return Translated(id="1", title="t", path="x", line=1, pieces=[carried("a")], documents=documents, place=place)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(Imported(language="wazuh", rules=[translated("rules/one.yml", RULE)]), out)
    with pytest.raises(OutputError, match="cannot be written"):
        write(Imported(language="wazuh", rules=[translated("nowhere/one.yml", RULE)]), out, force=True)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "out",
        "out/import.json",
        "out/rules",
        "out/rules/one.yml",
    ]


def test_what_the_loader_refuses_is_refused_with_what_counts_it() -> None:
    broken = {**RULE, "detection": {"s": {"a|re": "(?=a)b"}, "condition": "s"}}
    counting = {
        "title": "c",
        "name": "two",
        "correlation": {"type": "event_count", "rules": ["one"], "timespan": "1m", "condition": {"gte": 2}},
    }
    chained = {**counting, "name": "three", "correlation": {**counting["correlation"], "rules": ["two"]}}
    rules = proved([translated("rules/a.yml", broken), translated("rules/b.yml", counting), translated("rules/c.yml", chained)])
    assert [(rule.fate, len(rule.documents), rule.pieces[-1].why.partition(" looks")[0]) for rule in rules] == [
        ("refused", 0, "s: a|re: '(?=a)b'"),
        ("refused", 0, "it counts one, which is not there"),
        ("refused", 0, "it counts two, which is not there"),
    ]
    assert [rule.fate for rule in proved([translated("rules/a.yml", RULE), translated("rules/b.yml", counting)])] == ["carried", "carried"]


def test_questions_are_written_as_selections_and_a_condition() -> None:
    a, b, c = Is("a", "1"), Is("b", "2", "contains"), Is("", "word")
    assert detection_of(every([a, some([a, Is("a", "3")]), b, never(some([b, c]))])) == {
        "selection_1": {"a": "1", "b|contains": "2"},
        "selection_2": {"a": ["1", "3"]},
        "selection_3": {"b|contains": "2"},
        "keywords_1": ["word"],
        "condition": "selection_1 and selection_2 and not (selection_3 or keywords_1)",
    }
    assert (every([a, NOTHING]), some([a, ANY]), never(never(a)), never(ANY), never(NOTHING)) == (NOTHING, ANY, a, NOTHING, ANY)
    assert never(a) == Never(a)
    for nothing in (ANY, NOTHING):
        with pytest.raises(ValueError, match=r"it asks nothing|it can never"):
            detection_of(nothing)


@pytest.mark.parametrize("text", ["a*b?", "C:\\x", "C:\\", "\\\\host", "\\*", "\\\\*", "a\\b\\"])
def test_a_plain_text_finds_itself_and_nothing_else(text: str) -> None:
    assert fires(Is("f", plain(text)), {"f": text})
    assert not fires(Is("f", plain(text)), {"f": text.replace("*", "x").replace("?", "y") + "z"})
