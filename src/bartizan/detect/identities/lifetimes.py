"""Say from when to when each fact held: until another holder came, a record ended it, its time was over, or nobody knows."""

from __future__ import annotations

from typing import Final

import polars as pl

from bartizan.detect.identities.contract import CONTESTED, EXPIRED, IdentityKind
from bartizan.detect.identities.table import TIES

__all__ = ["COLUMNS", "facts_in"]

COLUMNS: Final = {
    "rule": pl.String,
    "left_kind": pl.String,
    "left": pl.String,
    "right_kind": pl.String,
    "right": pl.String,
    "scope": pl.String,
    "source": pl.String,
    "first_seen": pl.Int64,
    "last_seen": pl.Int64,
    "valid_from": pl.Int64,
    "valid_to": pl.Int64,
    "ends": pl.String,
    "count": pl.Int64,
    "record_id": pl.String,
}
"""The columns of the table ``identities``: the attributes of ``Fact``."""
_HOLDERS: Final = ("tie", "source", "scope", "left")
_SORTED: Final = ("rule", "scope", "left", "source", "valid_from", "right")
_OVER: Final = (pl.col("closed") >= pl.col("last")).shift(1) | (pl.col("expires").shift(1) < pl.col("first"))
"""Whether what the row before said was over when this one was first seen."""


def facts_in(seen: pl.DataFrame) -> pl.DataFrame:
    """Return facts, sorted, of all that was seen of them: the columns of ``columns.seen_in``, with texts for numbers, each key once."""
    ties = pl.DataFrame(
        {
            "tie": pl.Series(range(len(TIES)), dtype=pl.UInt16),
            "rule": [tie.rule for tie in TIES],
            "left_kind": [tie.left.kind.value for tie in TIES],
            "right_kind": [tie.right.kind.value for tie in TIES],
            "passes_on": [tie.passes_on for tie in TIES],
            "closes": [tie.closed for tie in TIES],
            "at_last": [tie.ends for tie in TIES],
        }
    )
    found = _ended(_stretches(seen.join(ties, on="tie")))
    return (
        found.with_columns(first_seen="first", last_seen="last", valid_from="first").select(list(COLUMNS)).sort(_SORTED, nulls_last=False)
    )


def _stretches(seen: pl.DataFrame) -> pl.DataFrame:
    r"""Run together what follows on the same holder, as long as nothing ended it, and say of each holder's names when it held.

    A holder's names (``corp\alice``, ``alice@corp.example``) are facts of one stretch. Of it are ``last_of_all``, ``closed`` and
    ``expires``; ``before`` is when holders before it were last seen, ``after`` when the next one begins.
    """
    rows = seen.with_columns(holder=_holder()).sort(*_HOLDERS, "first", "last", "right", nulls_last=True)
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in _HOLDERS) & pl.col("first").is_not_null()
    rows = rows.with_columns(same=same.fill_null(value=False), over=_OVER.fill_null(value=False))
    joined = pl.col("same") & (pl.col("passes_on") != "") & (pl.col("holder") == pl.col("holder").shift(1)) & ~pl.col("over")
    rows = rows.with_columns(left_of=(~pl.col("same")).cum_sum(), stretch=(~joined).cum_sum())
    stretches = rows.group_by("stretch", maintain_order=True).agg(
        pl.col("left_of").first(),
        begins=pl.col("first").first(),
        last_of_all=pl.col("last").max(),
        closed=pl.col("closed").max(),
        expires=pl.col("expires").max(),
    )
    before, after = pl.col("last_of_all").cum_max().shift(1), pl.col("begins").shift(-1)
    stretches = stretches.with_columns(before=before.over("left_of"), after=after.over("left_of")).drop("left_of")
    told = ("rule", "left_kind", "left", "right_kind", "scope", "source", "passes_on", "closes", "at_last")
    facts = rows.group_by("stretch", "right", maintain_order=True).agg(
        pl.col(*told, "first", "record_id").first(), pl.col("last").max(), pl.col("count").sum()
    )
    return facts.join(stretches, on="stretch")


def _holder() -> pl.Expr:
    """Return what is the same in all names of one holder: an account's without its domain, a machine's first label."""
    user = pl.col("right").str.split("\\").list.last().str.split("@").list.first()
    kinds = pl.when(pl.col("right_kind") == IdentityKind.USER.value).then(user)
    return kinds.when(pl.col("right_kind") == IdentityKind.HOST.value).then(pl.col("right").str.split(".").list.first()).otherwise("right")


def _ended(stretches: pl.DataFrame) -> pl.DataFrame:
    """Say how each stretch ended, and when."""
    passes = pl.col("passes_on") != ""
    contested = passes & (
        (pl.col("before") >= pl.col("begins")).fill_null(value=False) | (pl.col("after") <= pl.col("last_of_all")).fill_null(value=False)
    )
    closed = (pl.col("closed") >= pl.col("last_of_all")).fill_null(value=False)
    passed = passes & pl.col("after").is_not_null()
    expired = pl.col("expires").is_not_null() & (~passed | (pl.col("expires") < pl.col("after")))
    untimed = pl.col("first").is_null()
    cases = (
        (untimed, pl.lit(None, pl.Int64), pl.col("at_last")),
        (contested, pl.col("last"), pl.lit(CONTESTED)),
        (closed, pl.col("closed"), pl.col("closes")),
        (expired, pl.col("expires"), pl.lit(EXPIRED)),
        (passed, pl.col("after"), pl.col("passes_on")),
    )
    until, ends = pl.lit(None, pl.Int64), pl.col("at_last")
    for holds, moment, how in reversed(cases):
        until, ends = pl.when(holds).then(moment).otherwise(until), pl.when(holds).then(how).otherwise(ends)
    return stretches.with_columns(valid_to=until, ends=ends)
