"""Render the page of a case from its template; a policy in the page forbids scripts, connections, and every style but its own."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.cases.html.lanes import chart_of
from bartizan.explain.cases.lines import sight_of
from bartizan.explain.cases.moments import moment_of
from bartizan.explain.text import amount, moment, number, pretty_level, shorten, span, visible
from bartizan.schema.attack import ATTACK_VERSION
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from bartizan.explain.cases.moments import Moment
    from bartizan.explain.cases.page import CasePage
    from bartizan.investigate.scope import Claim

__all__ = ["MOST_BYTES", "html"]

MOST_BYTES: Final = 400 * 1024
"""A page that mail servers take and a phone opens."""
_SIGNALS: Final = 300
_CLAIMS: Final = 120
_WIDE: Final = 160
"""Characters of one value of a log that are shown."""


@dataclass(frozen=True, slots=True)
class _Ring:
    title: str
    lead: str
    claims: Sequence[Claim]
    more: int


def html(page: CasePage, *, now: int) -> str:
    """Return the page, at most ``MOST_BYTES`` long: of more signals and entities than fit the number is told. ``now``: ns UTC."""
    style = _file("bartizan.explain.html", "report.css") + _file(__package__, "case.css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    shown = _SIGNALS
    while True:
        text = _template().render(
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'",
            style=style,
            version=__version__,
            attack_version=ATTACK_VERSION,
            page=page,
            case=page.case,
            made=moment(now),
            chart=chart_of(page),
            rings=_rings(page, shown),
            signals=_signals(page, shown),
            more=max(0, len(page.case.signals) - shown),
            findings=sum(signal.count for signal in page.case.signals),
        )
        if len(text.encode()) <= MOST_BYTES or not shown:
            return text
        shown //= 2


def _rings(page: CasePage, shown: int) -> list[_Ring]:
    told = {
        "core": ("Core", "A record says of each that it is part of it."),
        "suspected": ("Suspected", "To be confirmed or cleared: named in words, near in time, or reached without a rule that spoke."),
        "cleared": ("Cleared", "Somebody said that it is no part of it."),
    }
    most = min(_CLAIMS, max(20, shown))
    rings = []
    for ring, (title, lead) in told.items():
        held = [claim for claim in page.claims if claim.ring == ring]
        if held:
            rings.append(_Ring(title, lead, held[:most], max(0, len(held) - most)))
    return rings


def _signals(page: CasePage, shown: int) -> list[Moment]:
    return [moment_of(page.case, signal) for signal in page.case.signals[:shown]]


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - start-up: only a page needs it

    environment = Environment(
        loader=PackageLoader("bartizan.explain.cases", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "moment": moment, "shorten": lambda text: shorten(text, _WIDE), "level": _level}
    environment.filters |= {
        "amount": amount,
        "span": lambda pair: span(*pair),
        "pixel": "{:.1f}".format,
        "captioned": pretty_level,
        "sight": sight_of,
    }
    return environment.get_template("case.html.j2")


def _level(severity_id: int) -> str:
    return ("informational", *(name.lower() for name in NAMES[1:]))[severity_id]


def _harmless(value: Any) -> Any:  # noqa: ANN401 - a template prints values of every type
    """Make what is printed visible; the template's own markup is a subclass of str and passes."""
    return visible(value, keep="\n\t") if type(value) is str else value


def _file(package: str | None, name: str) -> str:
    return files(package or __name__).joinpath(name).read_text(encoding="utf-8")
