"""Turn declarations into facts, by what the kinds' sections say (``sections``)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Gap, Grant, Origin, Principal, Uid
from bartizan.collect.inventory.declared.clouds import READ, cloud_facts, published, trees
from bartizan.collect.inventory.declared.contract import makes_nothing, provider_of_type
from bartizan.collect.inventory.declared.documents import BUILDERS, policy_facts
from bartizan.collect.inventory.declared.given import given, inherited, listed
from bartizan.collect.inventory.declared.index import Draft, Index
from bartizan.collect.inventory.declared.keys import CONTENTS, key_edges
from bartizan.collect.inventory.declared.networks import network_rules
from bartizan.collect.inventory.declared.rendering import Rendering
from bartizan.collect.inventory.declared.searching import as_type, search
from bartizan.collect.inventory.declared.sections import entries, makers, told_properties
from bartizan.collect.inventory.declared.touching import given_by, touched
from bartizan.collect.inventory.declared.using import used
from bartizan.collect.inventory.declared.values import Unknown, first_unknown, text_of
from bartizan.collect.inventory.managed import managed_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bartizan.collect.inventory.declared.contract import Declared
    from bartizan.collect.inventory.declared.sections import Entry

__all__ = ["facts_of"]

_NAMING: Final = frozenset(f"aws_iam_{holder}_policies_exclusive" for holder in ("user", "group", "role"))
"""What names policies that are declared beside it, and says nothing of them."""
_READ_OTHERWISE: Final = READ.keys() | CONTENTS.keys() | _NAMING

_ALL: Final = Uid("")


def facts_of(declared: Iterable[Declared], section: str, *, gone: Iterable[Declared] = ()) -> Facts:
    """Turn declarations into facts; a type of a known provider that no kind reads is a gap, once for each type.

    ``gone`` are declarations that are taken away: what they said of resources that stay is no default.
    """
    return _Mapping(list(declared), section, list(gone)).facts()


class _Mapping:
    """The facts of one estate, in the making."""

    def __init__(self, declared: list[Declared], section: str, gone: list[Declared]) -> None:
        self._declared = declared
        self._gone = gone
        self._entries = entries(section)
        self._section = {"terraform": "Terraform file", "template": "template"}[section]
        self._told = partial(told_properties, section)
        self._index = Index(makers(section))
        self._facts = Facts()
        self._policies: set[Uid] = set()
        self._attached: set[Attachment] = set()
        self._later: list[tuple[Declared, Draft, str, Mapping[str, Any]]] = []
        """Properties that hang on those of other resources."""

    def facts(self) -> Facts:
        """Return the facts: resources first, then what is told of them by others."""
        made = [(one, entry, self._make(one, entry)) for one, entry in self._pairs() if entry.uid]
        for one, entry, draft in made:
            self._tell(one, entry, draft)
        for one, entry in self._pairs():
            if not entry.uid:
                for draft in self._of(one, entry):
                    self._tell(one, entry, draft)
        for one, draft, name, told in self._later:
            draft.set(name, as_type(inherited(told, one, self._index), draft.entry.kind.properties[name].type))
        self._facts.edges += key_edges(self._declared, self._index, self._drafts_of)
        for one in self._gone:
            for entry in self._entries.get(one.type, ()):
                self._untell(one, entry)
        for draft in self._index.drafts.values():
            self._finish(draft)
        uids = {one.address: str(draft.uid) for one, _, draft in made}
        self._facts.add(cloud_facts(self._declared, lambda one: uids.get(one.address, "")))
        self._facts.resources = [published(one, self._facts) for one in self._facts.resources]
        self._facts.resources = used(self._facts)
        self._facts.edges += trees(self._facts.resources)
        self._facts.principals = list({one.uid: one for one in reversed(self._facts.principals)}.values())[::-1]
        self._unread()
        return self._facts

    def _pairs(self) -> Iterator[tuple[Declared, Entry]]:
        for one in self._declared:
            for entry in self._entries.get(one.type, ()):
                if not entry.only or search(entry.only, one.values) not in (None, False, [], ""):
                    yield one, entry

    def _drafts_of(self, one: Declared) -> Iterator[Draft]:
        """Yield the resources that a declaration makes or tells of, as far as they are declared."""
        found = (draft for draft in self._index.drafts.values() if draft.address == one.address)
        yield from found
        for entry in self._entries.get(one.type, ()):
            for name in listed(search(entry.of, one.values)) if entry.of else ():
                held = self._index.find(entry.kind.name, text_of(name), one.where) if isinstance(name, str | int) else None
                if held is not None:
                    yield held

    def _unread(self) -> None:
        seen: set[str] = set()
        for one in self._declared:
            if one.type not in self._entries and one.type not in _READ_OTHERWISE and one.type not in seen and not makes_nothing(one.type):
                seen.add(one.type)
                count = sum(1 for other in self._declared if other.type == one.type)
                told = f"{one.type}: {count} declared, and no kind reads it"
                place = f"{one.origin.path}:{one.origin.place}"
                self._facts.gaps.append(
                    Gap(
                        provider=provider_of_type(one.type),
                        call=place,
                        reason="not-implemented",
                        detail=told,
                        kinds=(one.type.partition("_")[2],),
                    )
                )

    def _make(self, one: Declared, entry: Entry) -> Draft:
        rendering = Rendering(one.address, one.where, one.values.get)
        own = search(entry.account, one.values) if entry.account else None
        if isinstance(own, str) and own:
            rendering.where = replace(one.where, account=own)
        uid = rendering.uid = _own_arn(one, entry) or rendering.render(entry.uid)
        held = one.values.get("id")
        known = held if isinstance(held, str) else rendering.render(entry.id) if entry.id else ""
        name = (rendering.render(entry.name) if entry.name else "") or _name(one, known)
        draft = Draft(Uid(uid), entry, name, rendering.where, one.origin, one.address)
        draft.unknown.update({f"({part.partition(':')[0]})": f"made up: {part}" for part in rendering.assumed})
        draft.tags = _tags(one)
        if entry.partial:
            draft.foreign = True
            draft.unknown["*"] = "what is not said of it here may be set elsewhere"
        if not self._index.put(draft, (known, name, one.address)):
            held = self._index.drafts[entry.kind.name, draft.uid]
            told = f"{one.address} and {held.address} are both {uid}"
            self._gap(one.origin, entry, told, draft.uid)
            if entry.partial:
                return held
            self._index.put_beside(draft)
        if entry.principal:
            self._facts.principals.append(
                Principal(
                    uid=draft.uid,
                    provider=entry.kind.provider,
                    kind=entry.principal,
                    account=draft.where.account,
                    name=name,
                    origin=one.origin,
                )
            )
        return draft

    def _of(self, one: Declared, entry: Entry) -> Iterator[Draft]:
        """Yield the resources that a declaration tells more of."""
        for name in listed(search(entry.of, one.values)):
            draft, why = self._named(entry.kind.name, name, one)
            if draft is None:
                told = f"{one.address}: which {entry.kind.name} it belongs to is not known: {why}"
                about = touched(entry) if self._index.holds(entry.kind.name) else ()
                self._gap(one.origin, entry, told, properties=about)
            else:
                yield draft

    def _named(self, kind: str, name: Any, one: Declared) -> tuple[Draft | None, str]:  # noqa: ANN401 - any value
        """Return the resource that a value names, and why it is none."""
        if isinstance(name, Unknown):
            return None, name.why
        if not isinstance(name, str | int):
            return None, "it is no name"
        return self._index.reach(kind, text_of(name), one.where, one.origin), f"{name} is declared nowhere"

    def _tell(self, one: Declared, entry: Entry, draft: Draft) -> None:
        """Take what a declaration says of a resource."""
        self._properties(one, entry, draft)
        for tables, take in ((entry.policies, self._policy), (entry.rules, self._rules), (entry.grants, self._grants)):
            for told in tables:
                for item in _each(told, one):
                    take(told, item, one, draft)
        for told in entry.edges:
            self._edges(told, one, draft)
        for told in entry.attaches:
            self._attaches(told, one, draft)

    def _untell(self, one: Declared, entry: Entry) -> None:
        """Say what becomes of the properties of which a declaration told that is taken away, where nothing else tells of them."""
        for name in listed(search(entry.of, one.values)) if entry.of else ():
            draft = self._index.find(entry.kind.name, text_of(name), one.where) if isinstance(name, str | int) else None
            if draft is None:
                continue
            for told in (*entry.gives, *entry.defaults):
                if told not in draft.properties and told not in draft.unknown:
                    draft.set(told, entry.gone.get(told, Unknown(f"{one.address} said it, and is taken away")))

    def _properties(self, one: Declared, entry: Entry, draft: Draft) -> None:
        for name, path in entry.gives.items():
            value = given(path, one, self._index)
            if value is None and isinstance(path, dict) and "otherwise" in path:
                self._later.append((one, draft, name, path))
            draft.set(name, as_type(value, entry.kind.properties[name].type))
        for name, path in entry.adds.items():
            for each in [path] if isinstance(path, str) else path:
                draft.add(name, as_type(search(each, one.values), "strings"))
        for name, path in entry.counts.items():
            counted = search(path, one.values)
            draft.set(name, counted if isinstance(counted, Unknown) else draft.properties.get(name, 0) + (counted is True))
        if not entry.uid:
            for name, value in entry.defaults.items():
                if name not in draft.properties and name not in draft.unknown:
                    draft.set(name, value)

    def _policy(self, told: Mapping[str, Any], item: Any, one: Declared, draft: Draft) -> None:  # noqa: ANN401 - any value
        if "managed" in told:
            for arn in listed(search(told["managed"], item)):
                self._managed(arn, told["attach"], one, draft)
            return
        if "build" in told:
            document: Any = BUILDERS[told["build"]](item, str(draft.uid))
        else:
            document = search(told["document"], item)
        if document is None or document == "":
            return
        rendering = Rendering(one.address, draft.where, item.get if isinstance(item, dict) else lambda _name: None)
        rendering.uid = str(draft.uid)
        policy = Uid(rendering.render(told.get("uid", "{uid}#policy")))
        self._facts.add(policy_facts(document, policy, origin=one.origin, account=draft.where.account))
        if attach := told.get("attach"):
            self._facts.attachments.append(Attachment(policy, draft.uid, attach, origin=one.origin))
        if told.get("adds"):
            draft.add(told["adds"], [str(policy).rpartition("/")[2]])

    def _managed(self, arn: Any, attach: str, one: Declared, draft: Draft) -> None:  # noqa: ANN401 - any value
        """Attach a policy by its ARN; those of AWS come with their statements."""
        if arn is None or arn == "":
            return
        if not isinstance(arn, str):
            why = arn.why if isinstance(arn, Unknown) else "it is no ARN"
            told = f"which policy {one.address} attaches to {draft.uid} is not known: {why}"
            self._gap(one.origin, draft.entry, told, draft.uid)
            return
        held = self._index.find("iam_policy", arn, one.where)
        uid = held.uid if held else Uid(arn)
        attachment = Attachment(uid, draft.uid, attach, origin=one.origin)
        if attachment not in self._attached:
            self._attached.add(attachment)
            self._facts.attachments.append(attachment)
        if attach == "identity" and "policies.attached" in draft.entry.kind.properties:
            draft.add("policies.attached", [str(uid)])
        if held is None and uid not in self._policies:
            self._policies.add(uid)
            document = managed_policy(uid)
            if document is None:
                told = f"the policy {uid} is neither declared here nor one that AWS was known to manage"
                self._facts.gaps.append(replace(self._about(one.origin, draft.entry, told, uid), reason="not-in-origin"))
            else:
                self._facts.add(
                    policy_facts(document, uid, origin=Origin(one.origin.how), account="")
                )  # what AWS wrote stands in no file here

    def _attaches(self, told: Mapping[str, Any], one: Declared, draft: Draft) -> None:
        """Attach a policy to those whom its own declaration names; ``target``: by what names them, whatever they are."""
        if "target" in told:
            self._attaches_to_any(told, one, draft)
            return
        for name in listed(search(told["to"], one.values)):
            other, why = self._named(told["is"], name, one)
            if other is None:
                detail = f"what {one.address} is attached to is not known: {why}"
                self._gap(one.origin, draft.entry, detail, draft.uid)
            else:
                self._managed(str(draft.uid), told["attach"], one, other)

    def _attaches_to_any(self, told: Mapping[str, Any], one: Declared, draft: Draft) -> None:
        """Attach a policy by the id of its target; one that is not known is '': it may be anything."""
        kinds = _attached_as(told, draft)
        for name in listed(search(told["target"], one.values)):
            target = Uid(name if isinstance(name, str) else "")
            self._facts.attachments += [Attachment(draft.uid, target, kind, origin=one.origin) for kind in kinds]
            if not isinstance(name, str):
                why = name.why if isinstance(name, Unknown) else "it is no name"
                detail = f"what {one.address} is attached to is not known: {why}"
                self._gap(one.origin, draft.entry, detail, draft.uid, properties=("targets",))

    def _edges(self, told: Mapping[str, Any], one: Declared, draft: Draft) -> None:
        for name in listed(search(told["to"], one.values)):
            other, why = self._named(told["is"], name, one)
            if other is None:
                detail = f"{one.address}: what it is joined to by {told['kind']} is not known: {why}"
                self._gap(one.origin, draft.entry, detail, draft.uid, properties=given_by(draft.entry, told["to"]))
            else:
                ends = (other.uid, draft.uid) if told.get("back") else (draft.uid, other.uid)
                self._facts.edges.append(Edge(*ends, told["kind"], one.origin))

    def _rules(self, told: Mapping[str, Any], item: Any, one: Declared, draft: Draft) -> None:  # noqa: ANN401 - any value
        try:
            made, why = network_rules(told, item, draft.uid, self._group_search(one), one.origin)
        except (TypeError, ValueError) as error:
            made, why = [], str(error)
        self._facts.network_rules.extend(made)
        if why:
            self._gap(one.origin, draft.entry, f"a rule of {draft.uid} is not known: {why}", draft.uid)

    def _group_search(self, one: Declared) -> Callable[[str, Any], Any]:
        """Return a search that gives groups that are declared by their uid."""

        def searched(path: str, item: Any) -> Any:  # noqa: ANN401 - any value
            value = search(path, item)
            names = value if isinstance(value, list) else [value]
            found = [self._index.find("security_group", name, one.where) if isinstance(name, str) else None for name in names]
            given = [str(draft.uid) if draft else name for draft, name in zip(found, names, strict=True)]
            return given if isinstance(value, list) else given[0]

        return searched

    def _grants(self, told: Mapping[str, Any], item: Any, one: Declared, draft: Draft) -> None:  # noqa: ANN401 - any value
        to, permission = search(told["to"], item), search(told["permission"], item)
        unknown = first_unknown([to, permission])
        grantees = [] if permission is None or unknown else listed(to)
        if unknown is not None or not all(isinstance(each, str) for each in (*grantees, *listed(permission))):
            why = unknown.why if unknown else "it is no text"
            self._gap(one.origin, draft.entry, f"a grant of {draft.uid} is not known: {why}", draft.uid)
            return
        self._facts.grants.extend(Grant(draft.uid, grantee, str(permission), one.origin) for grantee in grantees)

    def _finish(self, draft: Draft) -> None:
        if not draft.foreign:
            for name, value in draft.entry.defaults.items():
                if name not in draft.properties and name not in draft.unknown:
                    draft.properties[name] = value
            for name in draft.entry.kind.properties.keys() - self._told(draft.entry.kind.provider, draft.entry.kind.name):
                if name not in draft.properties:
                    draft.unknown.setdefault(name, f"no {self._section} tells it")
        self._facts.resources.append(draft.resource())

    def _gap(self, origin: Origin, entry: Entry, detail: str, uid: Uid = _ALL, *, properties: tuple[str, ...] = ()) -> None:
        self._facts.gaps.append(replace(self._about(origin, entry, detail, uid), properties=properties))

    @staticmethod
    def _about(origin: Origin, entry: Entry, detail: str, uid: Uid) -> Gap:
        place, kinds = f"{origin.path}:{origin.place}", (entry.kind.name,)
        return Gap(provider=entry.kind.provider, call=place, reason="unresolved", detail=detail, kinds=kinds, uid=uid)


def _each(told: Mapping[str, Any], one: Declared) -> Iterator[Any]:
    if "each" not in told:
        yield one.values
        return
    found = search(told["each"], one.values)
    yield from found if isinstance(found, list) else () if found is None else [found]


def _own_arn(one: Declared, entry: Entry) -> str:
    """Return the ARN of what exists already, as in a state."""
    arn = one.values.get("arn")
    return arn if isinstance(arn, str) and arn.startswith("arn:") and entry.uid.startswith("arn:") and "#" not in entry.uid else ""


def _name(one: Declared, known: str) -> str:
    name = one.values.get("name")
    return name if isinstance(name, str) else known or one.address.rpartition(".")[2]


def _tags(one: Declared) -> Mapping[str, str]:
    """Return the tags of a declaration: a map (Terraform) or a list of keys and values (CloudFormation)."""
    found: Any = next((one.values[name] for name in ("tags", "labels", "Tags") if one.values.get(name)), {})
    if isinstance(found, list):
        found = {str(each.get("Key")): each.get("Value") for each in found if isinstance(each, dict)}
    own = found.items() if isinstance(found, dict) else ()
    return {**one.where.tags, **{str(key): text_of(value) for key, value in own if isinstance(value, str | int | float)}}


def _attached_as(told: Mapping[str, Any], draft: Draft) -> tuple[str, ...]:
    """Return how a policy is attached; all ways where what it hangs on is not known, none where it is of another kind."""
    attach = told["attach"]
    if not isinstance(attach, dict):
        return (attach,)
    if told["by"] in draft.unknown or draft.foreign:
        return tuple(attach.values())
    return tuple(kind for name, kind in attach.items() if name == draft.properties.get(told["by"], draft.entry.defaults.get(told["by"])))
