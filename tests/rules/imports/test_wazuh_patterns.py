"""The pattern dialects of Wazuh, by an evaluator written straight from their description, and by our engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.imports.judging import fires

from bartizan.rules.imports.wazuh.patterns import UnknownPatternError, asked_by, os_regex

if TYPE_CHECKING:
    from collections.abc import Iterator

PUNCTUATION: Final = "()*+,-.:;<=>?[]!\"'#$%&|{}"
WORD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-@_"
CLASSES: Final = {
    "w": lambda letter: letter in WORD,
    "W": lambda letter: letter not in WORD,
    "d": lambda letter: letter in "0123456789",
    "D": lambda letter: letter not in "0123456789",
    "s": lambda letter: letter == " ",
    "S": lambda letter: letter != " ",
    "t": lambda letter: letter == "\t",
    "p": lambda letter: letter in PUNCTUATION,
    ".": lambda _letter: True,
}


def naive_match(pattern: str, text: str) -> bool:
    """OS_Match, from its description."""
    text, pattern = text.lower(), pattern.lower()
    if pattern.startswith("!"):
        return not naive_match(pattern[1:] or "|", text) if pattern[1:2] != "!" else not naive_plain(pattern[1:], text)
    return naive_plain(pattern, text)


def naive_plain(pattern: str, text: str) -> bool:
    for part in pattern.split("|"):
        wanted = part.removeprefix("^")
        front, end = wanted != part, wanted.endswith("$")
        wanted = wanted[:-1] if end else wanted
        starts = range(len(text) + 1) if not front else (0,)
        if any(text.startswith(wanted, at) and (not end or at + len(wanted) == len(text)) for at in starts):
            return True
    return False


def naive_regex(pattern: str, text: str) -> bool:
    """OS_Regex, from its description: every way of taking the classes is tried."""
    return any(_found(part, text.lower()) for part in _alternatives(pattern))


def _alternatives(pattern: str) -> list[list[str]]:
    """Return the atoms of each alternative: a letter, or a class with its modifier."""
    found: list[list[str]] = [[]]
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            length = 3 if pattern[at + 2 : at + 3] in ("+", "*") and pattern[at + 1] in CLASSES else 2
            found[-1].append(pattern[at : at + length])
            at += length
            continue
        if pattern[at] == "|":
            found.append([])
        elif pattern[at] not in "()":
            found[-1].append(pattern[at])
        at += 1
    return found


def _found(atoms: list[str], text: str) -> bool:
    front, end = atoms[:1] == ["^"], atoms[-1:] == ["$"]
    inner = atoms[front : len(atoms) - end]
    return any(stop == len(text) or not end for start in ((0,) if front else range(len(text) + 1)) for stop in _stops(inner, text, start))


def _stops(atoms: list[str], text: str, at: int) -> Iterator[int]:
    if not atoms:
        yield at
        return
    atom, rest = atoms[0], atoms[1:]
    if atom[0] != "\\" or atom[1] not in CLASSES:
        if text[at : at + 1] == atom[-1].lower():
            yield from _stops(rest, text, at + 1)
        return
    member, least, most = CLASSES[atom[1]], int(atom[-1] != "*"), len(text) if atom[-1] in "+*" and len(atom) == 3 else 1
    taken = 0
    while taken < most and at + taken < len(text) and member(text[at + taken]):
        taken += 1
    for count in range(least, taken + 1):
        yield from _stops(rest, text, at + count)


TEXTS = st.text(alphabet="ab^$|!\\*?1 -@_.:\t", max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab^$|!\\*?1 A", max_size=7), TEXTS)
def test_os_match_finds_here_what_it_finds_in_wazuh(pattern: str, text: str) -> None:
    asked, doubtful = asked_by("f", "osmatch", pattern)
    assert (fires(asked, {"f": text}), doubtful) == (naive_match(pattern, text), False)


ATOMS = st.sampled_from(
    [
        *("a", "b", "A", "1", " ", ".", "-", "[", "?"),
        *("\\w", "\\W+", "\\w+", "\\d", "\\D", "\\d*", "\\s", "\\S+", "\\t", "\\p", "\\.", "\\.+", "\\.*", "\\$", "\\(", "\\\\", "\\|"),
    ]
)
PARTS = st.tuples(st.sampled_from(["", "^"]), st.lists(ATOMS, min_size=1, max_size=5), st.sampled_from(["", "$"]))


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=3), TEXTS)
def test_os_regex_finds_here_what_it_finds_in_wazuh(parts: list[tuple[str, list[str], str]], text: str) -> None:
    pattern = "|".join(front + "".join(atoms) + end for front, atoms, end in parts)
    asked, _ = asked_by("f", "osregex", pattern)
    assert fires(asked, {"f": text}) == naive_regex(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(\\S+) from (\\S+)", "root FROM 192.0.2.7", True),
        ("\\s", "\t", False),
        ("a.b", "axb", False),
        ("a\\.b", "axb", True),
        ("[ab]", "a", False),
        ("a$b", "a$b", True),
        ("\\w", "_", True),
        ("\\p", "/", False),
    ],
)
def test_os_regex_is_read_as_its_documentation_says(pattern: str, text: str, found: bool) -> None:  # noqa: FBT001 - a case of a table
    assert fires(asked_by("f", "osregex", pattern)[0], {"f": text}) is found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a+", "'+' stands behind a plain character, which OS_Regex does not repeat"),
        ("\\w++", "'+' stands behind a plain character, which OS_Regex does not repeat"),
        ("(a|b)", "it has '|' in a group, which OS_Regex does not know"),
        ("(a(b))", "its brackets do not fit together"),
        ("a)", "its brackets do not fit together"),
        ("(a", "a bracket is open at its end"),
        ("\\x", "'\\x' is nothing in OS_Regex"),
        ("a\\", "'\\' is nothing in OS_Regex"),
    ],
)
def test_what_os_regex_does_not_know_is_no_pattern(pattern: str, why: str) -> None:
    with pytest.raises(UnknownPatternError) as raised:
        os_regex(pattern)
    assert str(raised.value) == why


def test_a_pattern_that_os_regex_does_not_go_back_over_is_doubtful() -> None:
    assert (os_regex("\\p*\\d*:").doubtful, os_regex("\\w+ \\d*").doubtful) == (True, False)


def test_actions_are_compared_as_they_are_written_and_pcre2_is_kept() -> None:
    assert [fires(asked_by("f", "string", "De*ny")[0], {"f": text}) for text in ("De*ny", "de*ny", "Deeny")] == [True, False, False]
    assert [fires(asked_by("f", "pcre2", "(?i)^a\\d")[0], {"f": text}) for text in ("A1", "aa")] == [True, False]
