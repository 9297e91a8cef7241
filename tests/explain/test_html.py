from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from tests.explain.page import Element, Page, said_by_browser
from tests.explain.sample import crowd, evidence, group, host, intrusion, outcome, rule

from bartizan.detect.contract import FileBalance, Outcome, RuleVerdict
from bartizan.explain.html import report
from bartizan.explain.html.evidence import Budget, parts_of, record_of
from bartizan.explain.story import tell
from bartizan.rules.contract import Refusal

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>\" ' onload=x {{ 7*7 }} \u202e\0\x1b[2J &amp;"
SHOWN = "</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>\" ' onload=x {{ 7*7 }} \\u202e\\x00\\x1b[2J &amp;"


def page(found: Outcome) -> Page:
    return Page(report(found, tell(found), version="1.2.3"))


def hostile() -> Outcome:
    made = replace(
        rule(1, title=HOSTILE, tags=("attack.execution", "attack.t1059.001", "attack.t1078")),
        description=HOSTILE,
        author=HOSTILE,
        license=HOSTILE,
        references=("javascript:alert(1)", HOSTILE),
        falsepositives=(HOSTILE,),
        path=HOSTILE,
    )
    seen = replace(evidence(1, 5, HOSTILE, **{HOSTILE: HOSTILE}), path=HOSTILE)
    balance = (FileBalance(path=HOSTILE, source=HOSTILE, read=1, stored=1, problems=(HOSTILE,) * 4),)
    found = outcome(group(made, host(HOSTILE), at=5, samples=(seen,)), balance=balance, partial=HOSTILE)
    verdicts = (*found.verdicts, RuleVerdict(made, "cannot-fire", HOSTILE))
    return replace(found, verdicts=verdicts, refused=(Refusal(HOSTILE, 1, HOSTILE),))


def cells(table: Element) -> list[list[str]]:
    return [[" ".join(cell.text.split()) for cell in row.children] for row in table.all("tr")]


def table(found: Page, caption: str) -> Element:
    return next(one for one in found.root.all("table") if caption in one.all("caption")[0].text)


@pytest.mark.parametrize("found", [intrusion(), hostile(), outcome(), crowd(500)], ids=["intrusion", "hostile", "nothing", "crowd"])
def test_nothing_in_the_page_is_active(found: Outcome) -> None:
    elements = page(found).root.whole()
    assert {element.tag for element in elements}.isdisjoint({"script", "iframe", "object", "embed", "form", "link", "img", "base"})
    attributes = {(element.tag, name) for element in elements for name in element.attributes}
    assert not {name for _, name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}}
    assert {value[0] for element in elements if (value := element.attributes.get("href"))} == {"#"}


def test_the_policy_allows_the_one_style_and_nothing_else() -> None:
    found = page(intrusion()).root
    (style,) = found.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policy = next(meta for meta in found.all("meta") if meta.attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_hostile_text_is_shown_and_does_nothing() -> None:
    found = page(hostile()).root
    assert found.all("pre")[0].text == SHOWN
    assert SHOWN in found.all("h1")[0].text
    html = report(hostile(), tell(hostile()))
    assert "<script" not in html
    assert "\u202e" not in html
    assert "\0" not in html
    assert "49" not in found.all("h1")[0].text


def test_every_table_has_a_caption_and_headers() -> None:
    tables = page(intrusion()).root.all("table")
    assert len(tables) == 12
    for one in tables:
        assert one.all("caption")[0].text.strip()
        assert {head.attributes["scope"] for head in one.all("thead")[0].all("th")} == {"col"}


def test_ids_are_unique_and_every_link_leads_somewhere() -> None:
    elements = page(intrusion()).root.whole()
    ids = [element.attributes["id"] for element in elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    targets = [
        str(element.attributes[name]).lstrip("#")
        for element in elements
        for name in ("href", "aria-labelledby")
        if name in element.attributes
    ]
    assert set(targets) <= set(ids)
    hunted = page(outcome()).root.whole()
    links = {str(element.attributes["href"])[1:] for element in hunted if "href" in element.attributes}
    assert links <= {element.attributes.get("id") for element in hunted}


def test_what_is_drawn_says_what_it_shows() -> None:
    for drawing in page(intrusion()).root.all("svg"):
        assert drawing.attributes.get("aria-hidden") == "true" or drawing.attributes.get("aria-label")


def test_entities_are_ranked_with_their_reason() -> None:
    rows = cells(table(page(intrusion()), "Entities by risk"))
    assert [row[:6] for row in rows] == [
        ["#", "Entity and why", "Risk", "Gravest", "Rules", "Findings"],
        ["1", "user corp\\j.doe1 critical and 3 high rules, 2 below, 6 tactics", "130.5", "critical", "6", "21"],
        [
            "2",
            "host ws-7.corp.example1 critical and 2 high rules, 2 below, 5 tactics, 4 seen on no other host",
            "96.9",
            "critical",
            "5",
            "31",
        ],
        [
            "3",
            "host srv-files.corp.example1 critical and 1 high rules, 1 below, 3 tactics, 3 seen on no other host",
            "55.5",
            "critical",
            "3",
            "17",
        ],
        ["4", "ip 198.51.100.231 critical and 1 high rules, 2 tactics", "45.0", "critical", "2", "5"],
    ]


def test_the_matrix_shows_what_was_reached_and_names_what_was_not() -> None:
    found = page(intrusion())
    matrix = cells(table(found, "Techniques by tactic"))
    assert matrix == [
        ["Initial Access1", "Execution4", "Persistence1", "Credential Access1", "Discovery972", "Lateral Movement2", "Exfiltration3"],
        [
            "T1566.0011Spearphishing Attachment",
            "T1059.0014PowerShell",
            "T1547.0011Registry Run Keys / Startup Folder",
            "T1003.0011LSASS Memory",
            "T1082960System Information Discovery",
            "T1021.0022SMB/Windows Admin Shares",
            "T1567.0023Exfiltration to Cloud Storage",
        ],
        ["", "", "", "", "T1087.00212Domain Account", "", ""],
    ]
    assert "Not seen: Reconnaissance, Resource Development, Privilege Escalation, Stealth" in found.root.text


def test_the_balance_of_every_file_is_there() -> None:
    assert cells(table(page(intrusion()), "What became of the records")) == [
        ["File", "Taken for", "Read", "Stored", "Unparsed", "Duplicate"],
        ["logs/photo.jpgbinary data that no source reads", "nothing known", "0", "0", "0", "0"],
        ["logs/proxy/access.logcut off in the middle of line 52,346", "access-log", "52,345", "52,300", "45", "0"],
        ["logs/windows/security.evtx", "windows-evtx", "80,000", "79,500", "12", "488"],
        ["logs/windows/sysmon.ndjson.gz", "windows-json", "120,000", "120,000", "0", "0"],
    ]


def test_files_rules_and_techniques_beyond_the_bounds_are_counted() -> None:
    balance = tuple(FileBalance(path=f"{number:03}", source="x", read=3, stored=3) for number in range(230))
    techniques = tuple(f"attack.t1059.{number:03}" for number in range(1, 20))
    wide = rule(0, tags=("attack.t1059", *techniques))
    groups = [group(rule(number), host(f"h{number % 30}"), at=number) for number in range(1, 231)]
    lines = [group(wide, host("a"), at=number * 9_000, count=2) for number in range(15)]
    found = outcome(*groups, *lines, balance=balance)
    reasons = tuple(RuleVerdict(rule(number), "cannot-fire", f"reason {number}") for number in range(20))
    refused = tuple(Refusal(f"{number}.yml", 0, "is no rule") for number in range(60))
    shown = page(replace(found, verdicts=(*found.verdicts, *reasons), refused=refused)).root.text
    assert "and 30 more files" in shown
    assert "and 31 more rules of lesser weight with" in shown
    assert "and 3 more lines with 6 findings" in shown
    assert "and 5 more" in shown
    assert "9 rules other reasons" in " ".join(shown.split())
    assert "and 10 more" in shown
    assert "and 6 more entities, none above risk" in shown


def test_thirty_thousand_findings_stay_under_five_megabytes() -> None:
    found = crowd()
    story = tell(found)
    html = report(found, story)
    assert len(html.encode()) < 5_000_000
    assert "and 200 more rules of lesser weight" in html


def test_raw_text_has_a_budget_and_what_is_left_out_is_said() -> None:
    budget = Budget(left=6_000)
    long, second, third = (record_of(evidence(number, 0, "x" * 5_000), budget) for number in range(3))
    assert (len(long.raw), long.cut) == (4_000, "1,000 more characters not shown")
    assert (second.raw, second.cut) == ("", "raw text not shown: this page holds no more of it; the findings file has it")
    assert record_of(evidence(4, 0, "y" * 100), budget).raw == "y" * 100
    assert third.raw == ""


def test_a_group_that_names_nobody_says_so() -> None:
    parts, more = parts_of([group(rule(1, tags=()))], Budget())
    assert (parts[0].lines[0].entities, parts[0].techniques, more) == ("no entity named", (), "")


def test_a_tactic_without_technique_is_named() -> None:
    parts, _ = parts_of([group(rule(1, tags=("attack.impact", "attack.execution")))], Budget())
    assert parts[0].techniques == ("Impact", "Execution")


def test_the_same_outcome_gives_the_same_page() -> None:
    found = intrusion()
    assert report(found, tell(found)) == report(replace(found, groups=found.groups[::-1]), tell(replace(found, groups=found.groups[::-1])))


def test_a_hunt_that_found_nothing_has_a_page() -> None:
    found = page(replace(outcome(), events=0, balance=()))
    assert found.root.all("h1")[0].text == "Nothing was read that could be judged."
    assert [heading.text for heading in found.root.all("h2")] == [
        *("What this report does not cover", "What was read", "What became of the rules")
    ]


def test_findings_without_attack_tags_or_time_have_a_page() -> None:
    timeless = replace(group(rule(1, tags=(), level="low")), first=0, last=0)
    found = page(outcome(timeless, replace(group(rule(1, tags=()), host("a")), first=0, last=0)))
    assert "No rule that fired is tagged with an ATT&CK tactic or technique." in found.root.text
    assert "no time" in found.root.text


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_contrasts_with_every_ground_it_stands_on(theme: int) -> None:
    css = files("bartizan.explain.html").joinpath("report.css").read_text(encoding="utf-8")
    colours = dict(
        re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css.split("@media (prefers-color-scheme: dark)")[theme].split("box-sizing")[0])
    )
    inks = ("ink", "soft", "link", "critical", "high", "medium", "low", "informational")
    for ground in ("ground", "paper", "code", "caution"):
        for ink in inks:
            light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


@pytest.mark.slow
@pytest.mark.parametrize("found", [intrusion(), hostile(), crowd()], ids=["intrusion", "hostile", "crowd"])
def test_a_browser_opens_the_page_and_finds_nothing_against_its_policy(found: Outcome, tmp_path: Path) -> None:
    dom, console = said_by_browser(report(found, tell(found)), tmp_path)
    assert console == []
    assert "What became of the rules" in dom


@pytest.mark.slow
def test_the_browser_would_have_said_so(tmp_path: Path) -> None:
    html = report(intrusion(), tell(intrusion())).replace("<main", "<script>1</script><b style='color:red'>x</b><main", 1)
    _, console = said_by_browser(html, tmp_path)
    assert len([line for line in console if "Content Security Policy" in line]) == 2
