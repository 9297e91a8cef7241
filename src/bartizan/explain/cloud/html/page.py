"""Render the page of a review from its template.

A policy in the page forbids connections, forms, and every style and script but those whose hashes it names: the one script makes the graph
explorable, and all that it shows is on the page without it.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.cloud.html.drawing import Step, draw
from bartizan.explain.text import amount, moment, number, pretty_level, shorten, visible
from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.ways import briefly, names_of, statement_of
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from bartizan.explain.cloud.page import CloudPage
    from bartizan.review.cloud.ways import HopTold

__all__ = ["html"]

_WAYS: Final = 200
_RESOURCES: Final = 200
"""Rows of one check: beyond, a page is no place to read them."""
_MOST_BYTES: Final = 5 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    level: str
    fail: int
    unknown: int
    passed: int

    @property
    def fail_part(self) -> float:
        """Return the share of failures, in hundredths."""
        return 100 * self.fail / (self.fail + self.unknown + self.passed)

    @property
    def unknown_part(self) -> float:
        """Return the share of what is unknown, in hundredths."""
        return 100 * self.unknown / (self.fail + self.unknown + self.passed)


def html(page: CloudPage) -> str:
    """Return the page as HTML; the same review gives the same text, and a large one is cut until it has at most 5 MB."""
    reviewed, names = page.reviewed, names_of(page.reviewed)
    style, script = (_file("bartizan.explain.html", "report.css") + _file(None, "cloud.css"), _file(None, "cloud.js"))
    steps = [[_step(hop) for hop in way.hops] for way in page.ways]
    ways, resources = _WAYS, _RESOURCES
    while True:
        text = _template().render(
            policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'",
            style=style,
            script=script,
            version=__version__,
            page=page,
            reviewed=reviewed,
            origins=sorted({one.origin.how for one in reviewed.facts.resources}),
            unknown=page.totals.get(Verdict.UNKNOWN, 0),
            tally=list(_tally(page)),
            drawing=draw(steps[:ways], names),
            name_of=lambda uid: names.get(uid, (uid, "")),
            shown=ways,
            rest=max(0, len(page.ways) - ways) + reviewed.more,
            resources=resources,
        )
        if len(text.encode()) <= _MOST_BYTES or resources <= 1:
            return text
        ways, resources = max(1, ways // 2), resources // 2


def _tally(page: CloudPage) -> Iterator[_Tally]:
    for level, counts in page.levels.items():
        if any(counts.values()):
            fail, unknown, passed = (counts.get(verdict, 0) for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS))
            yield _Tally(level=level, fail=fail, unknown=unknown, passed=passed)


def _step(hop: HopTold) -> Step:
    return Step(src=hop.src, dst=hop.dst, title=hop.title, state=hop.state, sure=not hop.depends)


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - start-up: only a page needs it

    environment = Environment(
        loader=PackageLoader("bartizan.explain.cloud", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "moment": moment, "shorten": shorten, "level": pretty_level, "amount": amount}
    environment.filters |= {"pixel": "{:.1f}".format, "plus": lambda place: place + 1, "briefly": briefly}
    environment.filters["statement"] = statement_of
    return environment.get_template("cloud.html.j2")


def _harmless(value: Any) -> Any:  # noqa: ANN401 - a template prints values of every type
    """Make what is printed visible; the template's own markup is a subclass of str and passes."""
    return visible(value, keep="\n\t") if type(value) is str else value


def _file(package: str | None, name: str) -> str:
    return files(package or __package__).joinpath(name).read_text(encoding="utf-8")
