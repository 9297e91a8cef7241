"""The public visits the portal: pages, searches with odd characters, search engines, health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.world import Company, Request
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from random import Random

__all__ = ["BEHAVIOUR"]

_PAGES = (
    "/",
    "/products",
    "/products/{n}",
    "/cart",
    "/login",
    "/static/app.{n}.js",
    "/static/site.css",
    "/img/{n}.webp",
    "/api/v1/items?page={n}",
    "/search?q={q}",
    "/contact",
    "/favicon.ico",
)
_WORDS = (
    "select+a+chair",
    "o%27neill+desk",
    "union+jack+mug",
    "50%25+off",
    "table+%26+chairs",
    "lamp",
    "order+by+phone",
    "script+font",
    "../size+chart",
    "etc",
)
_EMPTY = frozenset({301, 304, 404, 499, 500})
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.org/about)",
)


def _act(company: Company) -> None:
    rng = company.rng("visitors")
    for moment in company.clock.visitors(rng, company.times(3400)):
        _stay(company, rng, moment)
    period = 60 if company.scale > 0.5 else 900  # noqa: PLR2004 - small days are checked less often
    for moment in company.clock.every(period, first=7):
        company.visit(moment, "10.20.0.40", Request("/healthz", size=2, agent="monitor/9.2"))


def _stay(company: Company, rng: Random, moment: float) -> None:
    address = (
        f"198.51.100.{1 + min(int(rng.paretovariate(0.45)), 253)}"
        if happens(rng, 0.9)
        else f"2001:db8:{rng.randrange(4096):x}::{rng.randrange(1, 99):x}"
    )
    agent, pages = rng.choice(_AGENTS), rng.randrange(1, 11)
    company.network.connection(
        moment, Flow(address, company.network.port(), "192.0.2.10", 443, "ssl", rng.random() * 60, 700 * pages, 40_000 * pages)
    )
    for turn in range(pages):
        path = rng.choice(_PAGES).format(n=rng.randrange(1, 60), q=rng.choice(_WORDS))
        status = rng.choices((200, 304, 301, 404, 500, 499), (84, 8, 3, 4, 0.3, 0.7))[0]
        method = "POST" if path in {"/login", "/cart"} and happens(rng, 0.4) else "GET"  # forms are seen more often than sent
        company.visit(
            moment + turn * rng.random() * 8,
            address,
            Request(path, method, status, 0 if status in _EMPTY else rng.randrange(120, 60_000), agent, "https://www.example.com/"),
        )


BEHAVIOUR = Behaviour(name="visitors", title="Customers and search engines visit the portal.", act=_act)
