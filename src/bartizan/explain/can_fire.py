"""Tell which rules can fire on which sources: totals by log source, and what the others lack."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.can_fire import CanFire
    from bartizan.rules.contract import Refusal

__all__ = ["COLUMNS", "Standing", "as_page", "as_rows", "standing_of"]

COLUMNS: Final = ("native", "mapped", "in-part", "missing", "no-source")
_PAGE: Final = """\
# Which rules can fire

{about}

| log source | rules | {heads} |
|---|---:|{lines}|
{rows}
| **all** | {count} | {totals} |

- **native**: some source's records carry every field that the rule names, under that name.
- **mapped**: they do, some under another name or computed: what the source's mapping makes OCSF attributes of, too.
- **in-part**: the rule can be true, but one of its branches or exceptions names a field that no source with its log is known to carry.
- **missing**: without such a field it can never be true.
- **no-source**: no source has its log.

A field counts as carried where an example of the source has it, its mapping reads it, or the vendor documents it for that kind of
event. That a record may hold any other field counts for nothing. `bartizan rules can-fire --json` gives the verdict of each rule on
each source.

## What the others lack

| log source | field | rules that lack it |
|---|---|---:|
{lacking}
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rules have which verdict, by the log source that they ask for and in all; ``lacking``: (log source, field) -> rules."""

    by_logsource: Mapping[str, Counter[str]]
    totals: Counter[str]
    lacking: Counter[tuple[str, str]]

    @property
    def count(self) -> int:
        """Return how many rules there are."""
        return self.totals.total()

    @property
    def whole(self) -> float:
        """Return the share of rules that can fire with all that they name."""
        return (self.totals["native"] + self.totals["mapped"]) / self.count if self.count else 0.0


def standing_of(told: Sequence[CanFire]) -> Standing:
    """Count verdicts."""
    by_logsource: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lacking: Counter[tuple[str, str]] = Counter()
    for one in told:
        asked = "correlation" if one.rule.correlation else str(one.rule.logsource)
        by_logsource[asked][one.verdict] += 1
        lacking.update((asked, name) for name in (one.best[1].lacking if one.best else ()))
    totals = Counter(one.verdict for one in told)
    ordered = dict(sorted(by_logsource.items(), key=lambda item: (-item[1].total(), item[0])))
    return Standing(ordered, totals, lacking)


def as_rows(told: Sequence[CanFire], refused: Sequence[Refusal]) -> Iterator[dict[str, object]]:
    """Yield one JSON object per rule: what it is, its verdict, and its chance on each source; refused documents last."""
    for one in told:
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
        }
    for refusal in refused:
        yield {"id": refusal.id, "path": refusal.path, "verdict": "refused", "reason": refusal.why}


def as_page(standing: Standing, refused: int, about: str) -> str:
    """Write the table as a page of the documentation. ``about``: which rules, of when."""
    rows = [
        f"| {name} | {counts.total():,} | {' | '.join(str(counts[column] or '') for column in COLUMNS)} |"
        for name, counts in standing.by_logsource.items()
    ]
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
        heads=" | ".join(COLUMNS),
        lines="|".join("---:" for _ in COLUMNS),
        rows="\n".join(rows),
        count=f"{standing.count:,}",
        totals=" | ".join(f"{standing.totals[column]:,}" for column in COLUMNS),
        lacking="\n".join(lacking) or "| | | |",
    )
