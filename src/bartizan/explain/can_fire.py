"""Tell which rules can fire on which sources: totals by log source, and what the others lack."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.can_fire import CanFire, Proof
    from bartizan.rules.contract import Refusal, Rule

__all__ = ["COLUMNS", "Standing", "as_page", "as_rows", "standing_of"]

COLUMNS: Final = ("native", "mapped", "unfiltered", "in-part", "missing", "no-source")
_OUTCOMES: Final = {
    "silent": "were given what they ask and did not fire",
    "unwritten": "could not be given it",
    "left-out": "are correlations, or raise no findings of their own, and were not tried",
}
_PAGE: Final = """\
# Which rules can fire

{about}

| log source | rules | {heads} |
|---|---:|{lines}|
{rows}

- **native**: some source's records carry every field that the rule names, under that name.
- **mapped**: they do, some under another name or computed: what the source's mapping makes OCSF attributes of, too.
- **unfiltered**: only an exception names a field that no source with its log is known to carry: the rule fires, also where that exception
  would hold it back.
- **in-part**: the rule can be true, but one of its branches asks for such a field.
- **missing**: without such a field it can never be true.
- **no-source**: no source has its log.

A field counts as carried where an example of the source has it, its mapping reads it, or the vendor documents it for that kind of
event. That a record may hold any other field counts for nothing. `bartizan rules can-fire --json` gives the verdict of each rule on
each source.
{proof}
## What the others lack

| log source | field | rules that lack it |
|---|---|---:|
{lacking}
"""
_PROOF: Final = """
## What was proved

A verdict is a claim from facts about fields. `bartizan rules can-fire --prove` tries each rule that is said to be able to fire (native,
mapped, unfiltered, in-part): it takes a record of the source's own examples, sets the fields that the condition asks about to values of
which it is true, writes that into a file in the source's format, and hunts through it: the file must be taken for that source, and the rule
must fire on it. Of {able} such rules {proved} were **proved** ({share:.2%}): {outcomes}.

What this does not prove: that the product writes the field. {told} of the proved rules need a field that no example of ours shows; that
it exists is known only from the vendor's documentation and from public logs (the table of Windows events is made of both), or from the
mapping. The other {shown} rest on fields that an example has.

| not proved | source | what came of it | why |
|---|---|---|---|
{failed}
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rules have which verdict, by the log source that they ask for and in all; ``lacking``: (log source, field) -> rules.

    ``proofs``: what came of the rules that are said to be able to fire, where that was tried; ``proved`` counts by log source.
    """

    by_logsource: Mapping[str, Counter[str]]
    totals: Counter[str]
    lacking: Counter[tuple[str, str]]
    proofs: Sequence[Proof] = ()
    proved: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Return how many rules there are."""
        return self.totals.total()

    @property
    def whole(self) -> float:
        """Return the share of rules that can fire with all that they name."""
        return (self.totals["native"] + self.totals["mapped"]) / self.count if self.count else 0.0

    @property
    def able(self) -> int:
        """Return how many rules are said to be able to fire, and were tried."""
        return sum(one.outcome != "left-out" for one in self.proofs)

    @property
    def proven(self) -> float:
        """Return the share of the rules tried that did fire."""
        return self.proved.total() / self.able if self.able else 0.0


def standing_of(told: Sequence[CanFire], proofs: Sequence[Proof] = ()) -> Standing:
    """Count verdicts, and what was proved."""
    by_logsource: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lacking: Counter[tuple[str, str]] = Counter()
    for one in told:
        asked = _asked(one.rule)
        by_logsource[asked][one.verdict] += 1
        lacking.update((asked, name) for name in (one.best[1].lacking if one.best else ()))
    totals = Counter(one.verdict for one in told)
    ordered = dict(sorted(by_logsource.items(), key=lambda item: (-item[1].total(), item[0])))
    proved = Counter(_asked(proof.rule) for proof in proofs if proof.outcome == "proved")
    return Standing(ordered, totals, lacking, proofs, proved)


def _asked(rule: Rule) -> str:
    return "correlation" if rule.correlation else str(rule.logsource)


def as_rows(told: Sequence[CanFire], refused: Sequence[Refusal], proofs: Sequence[Proof] = ()) -> Iterator[dict[str, object]]:
    """Yield one JSON object per rule: what it is, its verdict, its chance on each source, its proof; refused documents last."""
    known = {id(proof.rule): proof for proof in proofs}
    for one in told:
        proof = known.get(id(one.rule))
        yield {
            "id": one.rule.id,
            "title": one.rule.title,
            "path": one.rule.path,
            "logsource": str(one.rule.logsource),
            "verdict": one.verdict,
            "source": one.best[0] if one.best else None,
            "lacking": list(one.best[1].lacking) if one.best else [],
            "sources": {
                name: {"verdict": chance.verdict, "route": chance.route, "lacking": list(chance.lacking)}
                for name, chance in one.chances.items()
            },
            **({} if proof is None else {"proof": _plain(proof)}),
        }
    for refusal in refused:
        yield {"id": refusal.id, "path": refusal.path, "verdict": "refused", "reason": refusal.why}


def _plain(proof: Proof) -> dict[str, object]:
    told = {"outcome": proof.outcome, "source": proof.source, "why": proof.why, "unshown": list(proof.told)}
    return {**told, "raw": [line.decode("utf-8", "replace") for line in proof.raw]}


def as_page(standing: Standing, refused: int, about: str) -> str:
    """Write the table as a page of the documentation. ``about``: which rules, of when."""
    columns = [*COLUMNS, *(["proved"] if standing.proofs else [])]
    totals = {**standing.totals, "proved": standing.proved.total()}
    rows = [
        f"| {name} | {counts.total():,} | {_cells({**counts, 'proved': standing.proved[name]}, columns)} |"
        for name, counts in standing.by_logsource.items()
    ]
    rows.append(f"| **all** | {standing.count:,} | {_cells(totals, columns)} |")
    lacking = [
        f"| {logsource} | `{name}` | {count} |"
        for (logsource, name), count in sorted(standing.lacking.items(), key=lambda item: (-item[1], item[0]))
    ]
    every = standing.count + refused
    about += (
        f" {every:,} rules, each with a verdict; {standing.whole * standing.count / every:.1%} of them can fire with all that they name."
        f" {refused} are refused at loading, with the reason (placeholders without a list)."
    )
    return _PAGE.format(
        about=about,
        heads=" | ".join(columns),
        lines="|".join("---:" for _ in columns),
        rows="\n".join(rows),
        proof=_proof(standing) if standing.proofs else "",
        lacking="\n".join(lacking) or "| | | |",
    )


def _cells(counts: Mapping[str, int], columns: Sequence[str]) -> str:
    return " | ".join(f"{counts.get(column, 0):,}" if counts.get(column) else "" for column in columns)


def _proof(standing: Standing) -> str:
    outcomes = Counter(one.outcome for one in standing.proofs)
    told = sum(one.outcome == "proved" and bool(one.told) for one in standing.proofs)
    failed = [
        f"| {visible(one.rule.title)} (`{one.rule.id}`) | {one.source} | {one.outcome} | {visible(one.why).replace('|', '&#124;')} |"
        for one in standing.proofs
        if one.outcome in {"silent", "unwritten"}
    ]
    return _PROOF.format(
        able=f"{standing.able:,}",
        proved=f"{standing.proved.total():,}",
        share=standing.proven,
        outcomes=", ".join(
            f"{outcomes[outcome]:,} {words}" for outcome, words in _OUTCOMES.items() if outcomes[outcome] or outcome != "left-out"
        ),
        told=f"{told:,}",
        shown=f"{standing.proved.total() - told:,}",
        failed="\n".join(failed) or "| | | | |",
    )
