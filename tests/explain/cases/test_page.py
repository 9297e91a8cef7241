"""The page of a case in a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from tests.investigate.made import ELSEWHERE, INTRUSION, keep, line

from bartizan.explain.cases.html import MOST_BYTES, html
from bartizan.explain.cases.page import page_of
from bartizan.investigate.desk import desk_at

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'\x1b[31m\u202eevil {{ 7*7 }}"


class _Tags(HTMLParser):
    """Collects tags and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.refers: set[str] = set()
        self.ids: list[str] = []
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.refers |= {value or "" for name, value in attrs if name in {"href", "src"}}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}


def _page(folder: Path, lines: list[bytes]) -> str:
    desk = desk_at(keep(folder, lines))
    return html(page_of(desk, desk.cases[0]), now=1_773_800_000_000_000_000)


def test_the_page_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    text = _page(tmp_path, [line("seen", -900, level=1, device="web-01"), *INTRUSION, *ELSEWHERE])
    found = _Tags()
    found.feed(text)
    assert all(target.startswith("#") for target in found.refers)
    assert {target.removeprefix("#") for target in found.refers} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert not {"script", "iframe", "img", "link", "object"} & found.tags
    assert "default-src &#39;none&#39;" in text
    assert "url(" not in text
    assert "2026-03-18 02:13:20 UTC" in text


def test_hostile_text_has_no_effect(tmp_path: Path) -> None:
    text = _page(tmp_path, [*INTRUSION, line("x", 5, level=5, path="logs/web-01/a.log", raw=HOSTILE, actor__user__name=HOSTILE)])
    found = _Tags()
    found.feed(text)
    assert not {"script", "img"} & found.tags
    assert not found.handlers
    assert not re.search("[\x00-\x08\x1b\u202e]", text)


@pytest.mark.parametrize("signals", [700])
def test_a_page_of_many_signals_stays_small_and_tells_how_many_are_not_shown(tmp_path: Path, signals: int) -> None:
    lines = [
        line(f"r{number}", number / 3, level=5, device=f"ws-{number % 90}", actor__user__name=f"user{number}", raw="x" * 300)
        for number in range(signals)
    ]
    text = _page(tmp_path, [*lines, *(line("same", number / 3, level=5, device=f"ws-{number % 90}") for number in range(0, signals, 2))])
    assert len(text.encode()) <= MOST_BYTES
    assert "more signals; <code>bartizan case show --json</code> has them all" in text
