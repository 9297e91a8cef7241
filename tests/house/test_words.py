"""The project speaks of itself: no addresses of package registries, no paths of somebody's machine."""

from __future__ import annotations

import re

import pytest
from tests.house.checkout import ROOT, files

NAMES = {
    "org": ("pypi", "pythonhosted", "npmjs", "debian", "proxy.golang"),
    "com": ("npmjs",),
    "com/ubuntu": ("ubuntu",),
    "io": ("crates",),
}
HOSTS = tuple(f"{name}.{end}" for end, names in NAMES.items() for name in names)
FORBIDDEN = {
    "a path of one machine": re.compile(r"(^|[^\w.-])/(w[o]rk|f[a]rm|tmp/lab)/", re.MULTILINE),
    "a host of a package registry": re.compile("|".join(re.escape(host) for host in HOSTS), re.IGNORECASE),
    "an address with a secret in it": re.compile(r"\b[a-z]+://[^\s/@:'\"<>{}]+:[^\s/@'\"<>{}]+@"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
}
ITSELF = "tests/house/test_words.py"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = []
    for name in files():
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        if name != ITSELF and (match := FORBIDDEN[what].search(text)):
            found.append(f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0].strip()}")
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of one machine", f"cat /{'work'}/notes"),
        ("a host of a package registry", f"https://{HOSTS[0]}/simple"),
        ("an address with a secret in it", "https://token:swordfish@example.com/"),
        ("a private key", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    ],
)
def test_the_search_finds(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)
