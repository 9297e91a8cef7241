"""Take facts away, and see that nothing that failed passes: what could not be read may leave a verdict unknown, and no more.

``mutations`` gives an estate again and again, each time with something that could not be read; ``lapses`` compares what checks say
of it with what they said before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts, Gap
from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Resource, Statement, Uid
    from bartizan.review.cloud.checks.outcome import Review

__all__ = ["Lapse", "Mutation", "lapses", "mutations"]


@dataclass(frozen=True, slots=True)
class Mutation:
    """What could not be read, in words, and the facts without it."""

    what: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Lapse:
    """A verdict that was FAIL and is PASS, or is ``gone`` without anything that stands for it; or that was PASS and is FAIL."""

    check: str
    resource: str
    how: str


def lapses(before: Review, after: Review) -> list[Lapse]:
    """Return every FAIL that lack of knowledge turned into PASS, or made to vanish, and every PASS that it turned into FAIL."""
    said = {(one.check, one.resource.uid): one.verdict for one in after}
    stands = {(check, *_place(uid)) for check, uid in said if uid.endswith(":*")}
    found = []
    for one in before.judgements(Verdict.FAIL):
        now = said.get((one.check, one.resource.uid))
        if now is Verdict.PASS:
            found.append(Lapse(one.check, one.resource.uid, "pass"))
        elif now is None and not stands & {(one.check, one.resource.kind, account) for account in (one.resource.account, "*")}:
            found.append(Lapse(one.check, one.resource.uid, "gone"))
    was = {(one.check, one.resource.uid) for one in before.judgements(Verdict.PASS)}
    return found + [Lapse(*key, "fail") for key, verdict in said.items() if verdict is Verdict.FAIL and key in was]


def mutations(facts: Facts) -> Iterator[Mutation]:
    """Yield facts without each thing that a reader may fail to read."""
    kinds = list(dict.fromkeys((one.provider, one.kind) for one in facts.resources))
    for provider, kind in kinds:
        gap = Gap(provider=provider, call=f"List {kind}", reason="denied", kinds=(kind,))
        yield Mutation(
            f"{kind} could not be listed",
            _without(facts, {one.uid for one in facts.resources if (one.provider, one.kind) == (provider, kind)}, gap),
        )
        yield from _properties(facts, provider, kind)
    for policy in dict.fromkeys(one.policy for one in facts.statements):
        kept = [one for one in facts.statements if one.policy != policy]
        gap = Gap(provider="aws", call="read policy", reason="unresolved", uid=policy)
        yield Mutation(f"{policy} could not be read", _with(facts, statements=kept, gap=gap))
    for resource in dict.fromkeys(one.resource for one in facts.network_rules):
        kept_rules = [one for one in facts.network_rules if one.resource != resource]
        provider, kind = next(((one.provider, one.kind) for one in facts.resources if one.uid == resource), ("", ""))
        gap = Gap(provider=provider, call="read rules", reason="throttled", kinds=(kind,), properties=("rules",))
        yield Mutation(f"rules of {resource} could not be read", replace(_with(facts, gap=gap), network_rules=kept_rules))
    for provider, account in dict.fromkeys((one.provider, one.account) for one in facts.resources):
        gap = Gap(provider=provider, call="everything", reason="denied", account=account)
        yield Mutation(
            f"account {account} could not be read",
            _without(facts, {one.uid for one in facts.resources if (one.provider, one.account) == (provider, account)}, gap),
        )


def _properties(facts: Facts, provider: str, kind: str) -> Iterator[Mutation]:
    """Yield facts in which a property of all things of a kind is unknown, told by each of them, then by a gap."""
    names = list(dict.fromkeys(name for one in facts.resources if one.kind == kind for name in one.properties))
    for name in [*names, "policy", "trust", "grants", "*"]:
        marked = [_hidden(one, name) if one.kind == kind else one for one in facts.resources]
        yield Mutation(f"{kind}.{name} is unknown", _with(facts, resources=marked, hide=(kind, name)))
        gap = Gap(provider=provider, call=f"read {kind}", reason="denied", kinds=(kind,), properties=() if name == "*" else (name,))
        bare = [replace(one, unknown={}) if one.kind == kind else one for one in marked]
        yield Mutation(f"{kind}.{name} could not be read", _with(facts, resources=bare, gap=gap, hide=(kind, name)))


def _hidden(one: Resource, name: str) -> Resource:
    kept = {} if name == "*" else {key: value for key, value in one.properties.items() if key != name}
    return replace(one, properties=kept, unknown={**one.unknown, name: "hidden"})


def _with(
    facts: Facts,
    *,
    resources: list[Resource] | None = None,
    statements: list[Statement] | None = None,
    gap: Gap | None = None,
    hide: tuple[str, str] | None = None,
) -> Facts:
    """Return facts with other tables; ``hide``: the kind and property of which the statements and grants go too, as they are the same."""
    made = replace(facts, gaps=[*facts.gaps, gap] if gap else list(facts.gaps))
    if resources is not None:
        made.resources = resources
    if statements is not None:
        made.statements = statements
    if hide is not None:
        kind, name = hide
        uids = {one.uid for one in facts.resources if one.kind == kind}
        gone = {"policy": {"resource"}, "trust": {"trust"}, "*": {"resource", "trust", "identity"}}.get(name, set())
        policies = {one.policy for one in facts.attachments if one.target in uids and one.kind in gone}
        policies |= uids if name in {"*", "document"} else set()
        made.statements = [one for one in made.statements if one.policy not in policies]
        made.attachments = [one for one in facts.attachments if one.target not in uids or one.kind not in gone]
        if name in {"*", "grants"}:
            made.grants = [one for one in facts.grants if one.resource not in uids]
        if name == "*":
            made.network_rules = [one for one in facts.network_rules if one.resource not in uids]
    return made


def _without(facts: Facts, uids: set[Uid], gap: Gap) -> Facts:
    """Return facts without some resources, and without all that is told of them elsewhere."""
    policies = {one.policy for one in facts.attachments if one.target in uids} | uids
    kept = {one.policy for one in facts.attachments if one.target not in uids} - uids
    return Facts(
        resources=[one for one in facts.resources if one.uid not in uids],
        principals=[one for one in facts.principals if one.uid not in uids],
        statements=[one for one in facts.statements if one.policy not in policies - kept],
        attachments=[one for one in facts.attachments if one.target not in uids],
        network_rules=[one for one in facts.network_rules if one.resource not in uids],
        grants=[one for one in facts.grants if one.resource not in uids],
        edges=[one for one in facts.edges if uids.isdisjoint((one.src, one.dst))],
        gaps=[*facts.gaps, gap],
    )


def _place(uid: str) -> tuple[str, str]:
    """Return the kind and account of what stands for things that could not be listed."""
    _, account, _, kind, _ = uid.rsplit(":", 4)
    return kind, account
