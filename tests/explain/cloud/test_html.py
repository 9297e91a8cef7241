"""The page of a review: everything in one file that asks for nothing; its script is the one whose hash it names."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.explain.cloud.estate import EXCEPTION, reviewed
from tests.explain.page import Page, said_by_browser

from bartizan.explain.cloud.html import html
from bartizan.explain.cloud.html.drawing import Step, draw
from bartizan.explain.cloud.page import page_of

if TYPE_CHECKING:
    from pathlib import Path


def page(folder: Path, **more: str) -> str:
    return html(page_of(reviewed(folder, **more)))


def test_the_policy_forbids_everything_but_the_style_and_script_of_the_page(tmp_path: Path) -> None:
    text = page(tmp_path)
    style, script = re.findall(r"<style>(.*?)</style>", text, re.DOTALL), re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digests = [b64encode(sha256(part.encode()).digest()).decode() for part in (*style, *script)]
    assert len(digests) == 2
    told = f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; base-uri 'none'; form-action 'none'"
    assert f'content="{told}"'.replace("'", "&#39;") in text
    assert not re.search(r"https?://|\sstyle=|\son[a-z]+=", text)


def test_the_same_review_gives_the_same_page(tmp_path: Path) -> None:
    assert page(tmp_path / "a") == page(tmp_path / "b")


def test_ways_checks_and_what_is_unknown_are_told_without_the_script(tmp_path: Path) -> None:
    tree = Page(page(tmp_path, **{"held.yml": EXCEPTION})).root
    text = re.sub(r"\s+", " ", tree.text)
    for told in (
        "1 way from the internet to what matters, 1 check of high or critical level fails",
        "2 judgements could not be made: why. None of them counts as passed.",
        "Of 1 hop it cannot be told whether they are there.",
        "seen by Administrator rights attached to an identity",
        "blind: no detection fires on sts:AssumeRole",
        "only if: workload-flaw",
        "What is deleted is gone.",
        "Evidence for cis-aws-3 2.1.1",
        "infra/main.tf line 12",
        "and 1 more way; bartizan cloud paths --json has them",
    ):
        assert told in text


def test_hostile_names_are_text_in_the_page(tmp_path: Path) -> None:
    whole = reviewed(tmp_path)
    whole.facts.principals[0] = replace(whole.facts.principals[0], name="</script><script>alert(1)</script>")
    assert "<script>alert" not in html(page_of(whole))


@pytest.mark.slow
def test_a_browser_shows_the_page_without_a_word_of_complaint_and_runs_its_script(tmp_path: Path) -> None:
    dom, messages = said_by_browser(page(tmp_path / "checks"), tmp_path)
    assert messages == []
    assert 'class="tools"' in dom
    assert 'class="tools" hidden' not in dom
    assert dom.count('role="button"') == 5


def step(src: str, dst: str) -> Step:
    return Step(src=src, dst=dst, title=f"{src} to {dst}", state="blind", sure=True)


def test_a_drawing_leads_from_left_to_right_and_an_edge_passes_between_boxes() -> None:
    drawn = draw([[step("net", "host"), step("host", "role"), step("role", "all")], [step("user", "role"), step("role", "all")]], {})
    assert {box.uid: (round(box.x), round(box.y), box.role, box.ways) for box in drawn.boxes} == {
        "net": (14, 18, "start", (0,)),
        "host": (294, 18, "", (0,)),
        "role": (574, 42, "", (0, 1)),
        "all": (854, 42, "goal", (0, 1)),
        "user": (14, 66, "start", (1,)),
    }
    assert [line.path for line in drawn.lines] == [
        "M210.0 38.0C248.5 38.0 248.5 38.0 287.0 38.0",
        "M490.0 38.0C528.5 38.0 528.5 62.0 567.0 62.0",
        "M770.0 62.0C808.5 62.0 808.5 62.0 847.0 62.0",
        "M210.0 86.0C252.0 86.0 252.0 86.0 294.0 86.0H490.0C528.5 86.0 528.5 62.0 567.0 62.0",
    ]


def test_a_line_that_stands_for_several_hops_shows_the_worst_of_them() -> None:
    for states, worst in ((("seen", "silent"), "seen"), (("seen", "perhaps"), "perhaps"), (("perhaps", "blind"), "blind")):
        drawn = draw([[replace(step("a", "b"), state=state)] for state in states], {})
        assert [line.state for line in drawn.lines] == [worst]


def test_a_hop_that_may_be_seen_is_told_on_the_page_with_what_it_hangs_on(tmp_path: Path) -> None:
    review = replace(reviewed(tmp_path), seen={}, perhaps={"administrator": ("Rights given, if a person does it",)})
    assert "perhaps seen by Rights given, if a person does it" in html(page_of(review))


def test_a_circle_is_drawn_and_ends() -> None:
    drawn = draw([[step("a", "b"), step("b", "c")], [step("c", "b"), step("b", "a")]], {"a": ("A", "role")})
    assert [(box.uid, box.label, box.kind) for box in drawn.boxes] == [("a", "A", "role"), ("b", "b", ""), ("c", "c", "")]
    assert len(drawn.lines) == 4


def test_more_ways_than_a_picture_holds_are_counted() -> None:
    ways = [[step(f"u{number}", "all")] for number in range(200)]
    drawn = draw(ways, {})
    assert (len(drawn.boxes), drawn.more) == (90, 111)
    assert draw([], {}).boxes == ()
