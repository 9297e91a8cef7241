"""Put compiled documents together to a rule set: paths, duplicates, filters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_OID, uuid5

from bartizan.rules.contract import Bound, Correlating, Holding, Refusal, Rule
from bartizan.rules.correlations import Written, resolved
from bartizan.rules.held import HeldBound, held_by
from bartizan.rules.match import FastBound, Memory, places_of
from bartizan.rules.match.binding import Place, names_of, place_of
from bartizan.rules.narrowing import truth
from bartizan.rules.origins import Origin
from bartizan.rules.plan import AllOf, AnyOf, Compiled, Correlation, Filter, Meta, Node, Refuse
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bartizan.rules.cache import Outcome
    from bartizan.schema.logsource import View

__all__ = ["LoadedRules", "assembled"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NEVER: Final = AnyOf(())
"""What a correlation asks of a single record: nothing that could be true. No view serves its log source either."""


@dataclass(slots=True)
class LoadedRules:
    """All documents of the packs given; see ``bartizan.rules.contract.RuleSet``."""

    rules: list[Rule] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What is odd though nothing is refused: two rules with one id, filters and what they apply to."""
    origins: list[Origin] = field(default_factory=list)
    conditions: list[Node] = field(default_factory=list)
    placeholders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """The files read, by path as shown."""
    filters: list[tuple[str, Filter]] = field(default_factory=list)
    """The filters, with the path of each."""
    holdings: list[Holding] = field(default_factory=list)
    held: list[tuple[int, int]] = field(default_factory=list)
    filtered: dict[int, list[int]] = field(default_factory=dict)
    """The filters in force for a rule, by their places."""
    _held: list[Node] = field(default_factory=list)
    """What is true of the records that each of ``held`` holds back."""
    correlations: list[Correlating] = field(default_factory=list)
    silent: frozenset[int] = frozenset()
    _memory: Memory = field(default_factory=Memory)
    _bound: dict[tuple[object, ...], FastBound] = field(default_factory=dict)
    _asking: dict[Logsource, list[int]] = field(default_factory=dict)
    """The rules by the log source that they ask for: thousands of rules ask for some hundred."""
    _fields: dict[int, frozenset[str]] = field(default_factory=dict)

    def bind(self, views: Sequence[View], *, naive: bool = False, given: Mapping[str, str] = _NOTHING) -> Bound:
        """Bind each rule to the first view that serves it; see ``bartizan.rules.contract.RuleSet``."""
        chosen = self._chosen(views)
        if naive:
            # pySigma and the reference matcher load only for those who ask for them.
            from bartizan.rules.naive import naive_bound  # noqa: PLC0415 - as the comment says

            return naive_bound(self, [number for number, _ in chosen], views)
        if given:
            chosen = [(number, view) for number, view in chosen if self._possible(number, view, given)]
        # Routes that give the same rules the same fields share everything that is built for them and learnt from values.
        key = tuple([(number, self._seen_through(number, view)) for number, view in chosen])
        found = self._bound.get(key)
        if found is None:
            conditions = [(number, self.conditions[number], view) for number, view in chosen]
            found = self._bound[key] = FastBound(conditions, self._memory, [self._asked(number) for number, _ in chosen])
        return found

    def bind_held(self, views: Sequence[View], *, given: Mapping[str, str] = _NOTHING) -> Bound:
        """Bind what filters hold back; see ``bartizan.rules.contract.RuleSet``."""
        viewed = ((place, _view_of(self.rules[number].logsource, views)) for place, (number, _) in enumerate(self.held))
        chosen = [(place, self._held[place], view) for place, view in viewed if view is not None]
        chosen = [one for one in chosen if truth(one[1], one[2], given) is not False]
        return HeldBound(chosen, [self.filters[self.held[place][1]][1].condition for place, _, _ in chosen], self._memory)

    def packed(self) -> LoadedRules:
        """Return the same rules, to be pickled; see ``bartizan.rules.contract.RuleSet``."""
        placeholders = {name: tuple(values) for name, values in self.placeholders.items()}
        return replace(self, contents={}, placeholders=placeholders, _memory=Memory(), _bound={}, _asking={}, _fields={})

    def plans(self, views: Sequence[View], *, given: Mapping[str, str] = _NOTHING) -> list[tuple[int, Node, View]]:
        """Return each rule that some view serves, what it asks before filters hold anything back, and the first view that serves it."""
        chosen = ((number, self._unfiltered(number), view) for number, view in self._chosen(views))
        return [one for one in chosen if truth(one[1], one[2], given) is not False]

    @property
    def fields(self) -> frozenset[str]:
        """Return every field that some rule names."""
        return frozenset[str]().union(*map(self._asked, range(len(self.rules))))

    def places(self, number: int, views: Sequence[View]) -> Mapping[str, Place]:
        """Return, for each field that a rule names ("" for the whole record), where it is read through the first view that serves it."""
        view = _view_of(self.rules[number].logsource, views)
        return {} if view is None else {name: place_of(name, view) for name in self._asked(number)}

    def _chosen(self, views: Sequence[View]) -> list[tuple[int, View]]:
        """Return the rules that some view serves, in rule order, each with the first that does."""
        if not self._asking:
            for number, rule in enumerate(self.rules):
                self._asking.setdefault(rule.logsource, []).append(number)
        served = ((numbers, _view_of(asked, views)) for asked, numbers in self._asking.items())
        return sorted(((number, view) for numbers, view in served if view is not None for number in numbers), key=itemgetter(0))

    def _unfiltered(self, number: int) -> Node:
        node = self.conditions[number]
        for _ in self.filtered.get(number, ()):
            node = node.parts[0] if isinstance(node, AllOf) else node
        return node

    def _seen_through(self, number: int, view: View) -> tuple[object, ...]:
        """Return the places that a rule reads through a view; () where the view renames none of its fields."""
        if view.aliases.keys().isdisjoint(self._asked(number)):
            return ()
        return tuple(places_of(self.conditions[number], view))

    def _asked(self, number: int) -> frozenset[str]:
        """Return the fields that a rule names."""
        asked = self._fields.get(number)
        if asked is None:
            asked = self._fields[number] = names_of(self.conditions[number])
        return asked

    def _possible(self, number: int, view: View, given: Mapping[str, str]) -> bool:
        """Say whether a rule may be true where fields have the values given; most rules do not ask for these fields."""
        asked = self._asked(number)
        if given.keys().isdisjoint(asked) and view.aliases.keys().isdisjoint(asked):
            return True
        return truth(self.conditions[number], view, given) is not False


def assembled(
    compiled: Sequence[tuple[str, list[Outcome]]], placeholders: Mapping[str, Sequence[str]], contents: Mapping[str, bytes], today: date
) -> LoadedRules:
    """Make a rule set of what each file compiled to; filters whose last day is before ``today`` are not applied."""
    made = LoadedRules(placeholders=placeholders, contents=contents)
    metas: list[Meta] = []
    by_id: dict[str, int] = {}
    correlations: list[tuple[str, Correlation]] = []
    for path, outcomes in compiled:
        for outcome in outcomes:
            if isinstance(outcome, Refuse):
                made.refused.append(Refusal(path, outcome.line, outcome.why, outcome.id))
            elif isinstance(outcome, Filter):
                made.filters.append((path, outcome))
            elif isinstance(outcome, Correlation):
                correlations.append((path, outcome))
            elif _is_new(outcome, path, made, metas, by_id):
                made.rules.append(_rule(outcome.meta, path))
                made.origins.append(Origin(path, outcome.document, outcome.line))
                made.conditions.append(outcome.condition)
                metas.append(outcome.meta)
    for place in range(len(made.filters)):
        _apply(place, made, metas, today)
    if correlations:
        _correlate(correlations, made, metas, by_id)
    return made


def _correlate(correlations: Sequence[tuple[str, Correlation]], made: LoadedRules, metas: list[Meta], by_id: dict[str, int]) -> None:
    """Add the correlations behind the rules that judge records, as far as the rules that they name are there."""
    base = [Written(meta, origin.path, origin.line) for meta, origin in zip(metas, made.origins, strict=True)]
    found = resolved(base, correlations, made.refused, by_id)
    made.refused.extend(found.refused)
    made.remarks.extend(found.remarks)
    for path, plan in found.kept:
        made.rules.append(_rule(plan.meta, path, plan.kind))
        made.origins.append(Origin(path, plan.document, plan.line))
        made.conditions.append(_NEVER)
    made.correlations = found.correlations
    named = {number for one in found.correlations for number in one.rules}
    made.silent = frozenset(named - {number for one in found.correlations if one.plan.generate for number in one.rules})


def _is_new(outcome: Compiled, path: str, made: LoadedRules, metas: list[Meta], by_id: dict[str, int]) -> bool:
    """Refuse a rule that is there already; note one that only has the id of another."""
    if not outcome.meta.id:
        return True
    first = by_id.setdefault(outcome.meta.id, len(metas))
    if first == len(metas):
        return True
    where = f"{made.origins[first].path}:{made.origins[first].line}"
    if metas[first] == outcome.meta and made.conditions[first] == outcome.condition:
        made.refused.append(Refusal(path, outcome.line, f"same rule as {where}", outcome.meta.id))
        return False
    made.remarks.append(f"{path}:{outcome.line}: id {outcome.meta.id} is also that of {where}, which says something else: both are run")
    return True


def _apply(place: int, made: LoadedRules, metas: list[Meta], today: date) -> None:
    """Add a filter's condition to the rules it names (Sigma filters specification), unless it has expired."""
    path, one = made.filters[place]
    named = [number for number, meta in enumerate(metas) if _names(one, made.rules[number].id, meta)]
    expired = bool(one.expires) and one.expires < today.isoformat()
    about = {"id": one.id, "owner": one.owner, "reason": one.reason, "expires": one.expires}
    made.holdings.append(Holding(title=one.title, path=path, line=one.line, rules=len(named), expired=expired, **about))
    if not (one.owner or one.expires):
        made.remarks.append(f"{path}:{one.line}: filter '{one.title}' applies to {len(named)} rules")
    for number in () if expired else named:
        before = made.conditions[number]
        made.held.append((number, place))
        made._held.append(held_by(before, one.condition))  # noqa: SLF001 - it is being made
        made.conditions[number] = AllOf((before, one.condition))
        made.filtered.setdefault(number, []).append(place)


def _names(one: Filter, rule_id: str, meta: Meta) -> bool:
    """Say whether a filter is about a rule."""
    named = one.rules == ("any",) or bool({rule_id, meta.name} & set(one.rules) - {""})
    return named and all(not want or want == have for want, have in zip(one.logsource, meta.logsource, strict=True))


def _rule(meta: Meta, path: str, correlation: str = "") -> Rule:
    """Return what a finding says of a rule; one without an id gets the one that follows from its title."""
    return Rule(
        id=meta.id or str(uuid5(NAMESPACE_OID, meta.title)),
        title=meta.title,
        path=path,
        logsource=Logsource(*meta.logsource),
        level=meta.level,
        status=meta.status,
        description=meta.description,
        author=meta.author,
        license=meta.license,
        tags=meta.tags,
        references=meta.references,
        falsepositives=meta.falsepositives,
        correlation=correlation,
        dedup=meta.dedup,
    )


def _view_of(asked: Logsource, views: Sequence[View]) -> View | None:
    return next((view for view in views if view.logsource.serves(asked)), None)
