"""Know a regular expression before it runs: whether its time is bounded, what it needs, how a linear engine would say it."""

from __future__ import annotations

from bartizan.rules.regexes.judgement import checked
from bartizan.rules.regexes.literals import required
from bartizan.rules.regexes.search import Searcher, searcher

__all__ = ["Searcher", "checked", "required", "searcher"]
