from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.detect.indicators.contract import Indicator, Kind
from bartizan.detect.indicators.decay import HALF_LIVES, Decay, level_of, score
from bartizan.detect.indicators.index import Index, Keys
from bartizan.detect.indicators.known_good import known_good
from bartizan.detect.indicators.naive import meets
from bartizan.detect.indicators.values import guess, normal, refanged

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400_000_000_000


def indicator(kind: Kind, value: str, **more: object) -> Indicator:
    return Indicator(kind, value, "list", "list.txt", 1, **more)  # type: ignore[arg-type]  # fields by name


LABELS = st.sampled_from(["a", "b", "evil", "www"])
DOMAINS = st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))
ADDRESSES = st.builds("192.0.{}.{}".format, st.integers(0, 2), st.integers(0, 9))
HOSTS = DOMAINS | ADDRESSES
PATHS = st.lists(LABELS, max_size=3).map("/".join)
URLS = st.builds("http://{}/{}{}".format, HOSTS, PATHS, st.sampled_from(["", "/", "?q=/a/b"]))
NETWORKS = st.builds("192.0.{}.0/{}".format, st.integers(0, 2), st.integers(20, 32))
OBSERVED = st.one_of(
    st.tuples(st.just(Kind.DOMAIN), DOMAINS),
    st.tuples(st.just(Kind.IP), ADDRESSES),
    st.tuples(st.just(Kind.URL), URLS),
)
LISTED = OBSERVED | st.tuples(st.just(Kind.NETWORK), NETWORKS)


def normalised(pairs: list[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    return [(kind, value) for kind, text in pairs if (value := normal(kind, text)) is not None]


@given(st.lists(LISTED, max_size=12), st.lists(OBSERVED, max_size=12), st.booleans())
def test_the_index_and_its_naive_twin_agree(
    listed: list[tuple[Kind, str]],
    observed: list[tuple[Kind, str]],
    subdomains: bool,  # noqa: FBT001 - drawn
) -> None:
    indicators = [Indicator(kind, value, "", "", place) for place, (kind, value) in enumerate(normalised(listed))]
    seen = normalised(observed)
    found = Index(indicators, subdomains=subdomains).match(seen)
    naive = {
        place: {one.place for one in indicators if meets(one, kind, value, subdomains=subdomains)}
        for place, (kind, value) in enumerate(seen)
    }
    assert {place: {one.place for one in met} for place, met in found.items()} == {place: met for place, met in naive.items() if met}


@given(st.lists(st.text(max_size=4), unique=True, max_size=50), st.lists(st.text(max_size=4), max_size=50))
def test_keys_find_what_a_dictionary_finds(texts: list[str], asked: list[str]) -> None:
    places, which = Keys(texts).find(pl.Series(asked, dtype=pl.String))
    known = {text: place for place, text in enumerate(texts)}
    assert list(zip(places.tolist(), which.tolist(), strict=True)) == [(at, known[text]) for at, text in enumerate(asked) if text in known]


@pytest.mark.parametrize(
    ("kind", "value", "seen_as", "seen", "met"),
    [
        (Kind.DOMAIN, "evil.example", Kind.DOMAIN, "a.b.evil.example", True),
        (Kind.DOMAIN, "evil.example", Kind.DOMAIN, "notevil.example", False),
        (Kind.DOMAIN, "evil.example", Kind.URL, "http://www.evil.example/x", True),
        (Kind.URL, "http://evil.example/kit/", Kind.URL, "http://evil.example/kit/a?b=1", True),
        (Kind.URL, "http://evil.example/kit", Kind.URL, "http://evil.example/kit/a", False),
        (Kind.URL, "http://evil.example/", Kind.URL, "http://evil.example/anything", True),
        (Kind.NETWORK, "2001:db8::/32", Kind.IP, "2001:db8:1::1", True),
        (Kind.NETWORK, "198.51.100.0/24", Kind.IP, "2001:db8:1::1", False),
        (Kind.IP, "198.51.100.7", Kind.URL, "http://198.51.100.7:8080/x", True),
    ],
)
def test_an_indicator_is_met(kind: Kind, value: str, seen_as: Kind, seen: str, met: bool) -> None:  # noqa: FBT001 - a case
    one = indicator(kind, value)
    assert Index([one]).match([(seen_as, seen)]) == ({0: [one]} if met else {})
    assert meets(one, seen_as, seen) is met


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("hxxp[:]//evil[.]example/a", Kind.URL, "http://evil.example/a"),
        ("fxp://evil(dot)example", Kind.URL, "ftp://evil.example/"),
        ("HTTP://EVIL.example:80", Kind.URL, "http://evil.example/"),
        ("http://[2001:DB8::1]:8080/x", Kind.URL, "http://[2001:db8::1]:8080/x"),
        ("evil.example/path", Kind.URL, "http://evil.example/path"),
        ("::ffff:203.0.113.9", Kind.IP, "203.0.113.9"),
        ("fe80::1%eth0", Kind.IP, "fe80::1"),
        ("203.0.113.9/24", Kind.NETWORK, "203.0.113.0/24"),
        ("*.evil.example", Kind.DOMAIN, "evil.example"),
        ("Bad@Evil.Example", Kind.EMAIL, "bad@evil.example"),
        ("T13D1516H2_8DAAF6152771_02713D6AF862", Kind.JA4, "t13d1516h2_8daaf6152771_02713d6af862"),
    ],
)
def test_a_value_has_one_form_however_it_is_written(written: str, kind: Kind, value: str) -> None:
    plain = refanged(written)
    assert (guess(plain), normal(kind, plain)) == (kind, value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.DOMAIN, "a..example"),
        (Kind.DOMAIN, "1.2.3.400"),
        (Kind.DOMAIN, "ü" * 300 + ".example"),
        (Kind.DOMAIN, "localhost"),
        (Kind.IP, "300.1.1.1"),
        (Kind.NETWORK, "10.0.0.0/99"),
        (Kind.URL, "http://[x/"),
        (Kind.URL, "http://a.example:99999/"),
        (Kind.URL, "http:///x"),
        (Kind.HASH, "abc"),
        (Kind.EMAIL, "a b@evil.example"),
        (Kind.JA3, "x"),
        (Kind.JA4, "x"),
        (Kind.DOMAIN, "a" * 9000),
    ],
)
def test_what_is_no_value_of_a_kind_is_none(kind: Kind, text: str) -> None:
    assert normal(kind, text) is None


@given(st.text())
def test_any_text_is_a_value_or_not_but_never_a_failure(text: str) -> None:
    plain = refanged(text)
    kind = guess(plain)
    for each in Kind:
        value = normal(each, plain)
        assert value is None or normal(each, value) == value, (each, kind)


def test_a_score_halves_within_its_half_life_in_both_forms() -> None:
    one = indicator(Kind.IP, "203.0.113.9", confidence=80, since=0, until=1000 * DAY)
    half = HALF_LIVES[Kind.IP] * DAY
    assert [score(one, at) for at in (-DAY, 0, half, 2 * half, 1000 * DAY)] == [80.0, 80.0, 40.0, 20.0, 0.0]
    assert [score(one, at, Decay.POLYNOMIAL) for at in (0, half, 4 * half, 9 * half)] == [80.0, 40.0, 0.0, 0.0]
    assert score(one, half, Decay.NONE) == 80.0
    assert score(indicator(Kind.IP, "203.0.113.9"), 10**18) == 50.0
    assert [level_of(worth) for worth in (75, 50, 25, 24.9)] == ["high", "medium", "low", "informational"]


def test_warning_lists_of_the_user_know_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "top.csv").write_text("1,good.example\n2,198.51.100.0/24\n# no\nnothing\n", encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps({"name": "Clouds", "type": "hostname", "list": ["cloud.example"]}), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"name": "Words", "type": "regex", "list": ["(a+)+"]}), encoding="utf-8")
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    good = known_good([str(tmp_path)])
    cases = [
        (Kind.DOMAIN, "good.example", "top.csv"),
        (Kind.DOMAIN, "www.good.example", ""),
        (Kind.IP, "198.51.100.7", "top.csv"),
        (Kind.DOMAIN, "x.cloud.example", "Clouds"),
        (Kind.IP, "8.8.8.8", "public resolvers"),
        (Kind.IP, "fd00::1", "private and special addresses"),
        (Kind.HASH, "d41d8cd98f00b204e9800998ecf8427e", "hashes of an empty file"),
        (Kind.HASH, "a" * 32, ""),
    ]
    assert [good.of(kind, value) for kind, value, _ in cases] == [name for *_, name in cases]
    assert [(one.name, one.problem, one.refused) for one in good.lists if one.problem or one.refused] == [
        ("Words", "warning lists of type 'regex' are not read: string, hostname and cidr are", 1),
        ("c.json", "JSON that is no warning list: it has no 'list'", 0),
        ("top.csv", "", 1),
    ]
    assert known_good(built_in=False).lists == ()


def test_a_hunt_without_indicators_loads_nothing_of_the_index() -> None:
    import subprocess
    import sys

    watching = "import bartizan.detect.hunt.watching as w; w.watching(type('R', (), {'indicators': None})())"
    code = f"import sys; {watching}; print('bartizan.detect.indicators.index' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
