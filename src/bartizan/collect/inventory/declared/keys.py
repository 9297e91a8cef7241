"""Find out what holds the access key of a user: a declaration that has its id or its secret in some value.

The values are looked through and not kept: what is told is an edge ``holds-key-of`` from the resource to the user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Edge, Uid
from bartizan.collect.inventory.declared.searching import search
from bartizan.collect.inventory.declared.values import Encoded, Unknown, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bartizan.collect.inventory.declared.contract import Declared
    from bartizan.collect.inventory.declared.index import Draft, Index

__all__ = ["CONTENTS", "key_edges"]

CONTENTS: Final[Mapping[str, tuple[str, str]]] = {
    "aws_s3_bucket_object": ("s3_bucket", "bucket"),
    "aws_s3_object": ("s3_bucket", "bucket"),
    "aws_secretsmanager_secret_version": ("secretsmanager_secret", "secret_id"),
}
"""What is in something else, and tells nothing of it but what it holds: its kind, and the attribute that names it."""
_ITSELF: Final = "iam_access_key"
_SECRETS: Final = ("id", "secret")
_DEEPEST: Final = 60


def key_edges(declared: Iterable[Declared], index: Index, of: Callable[[Declared], Iterable[Draft]]) -> Iterator[Edge]:
    """Give the edges to the users whose keys are in some value; ``of`` says of which resources a declaration tells."""
    keys = [draft for (kind, _), draft in index.drafts.items() if kind == _ITSELF and not draft.foreign]
    if not keys:
        return
    held = list(declared)
    marks = {mark: draft for draft in keys for mark in _marks(draft, held)}
    seen: set[tuple[Uid, Uid]] = set()
    for one in held:
        found = {marks[mark].uid: None for text in _texts(one.values, 0) for mark in marks if mark in text}
        for draft in _holders(one, index, of) if found else ():
            for uid in found if draft.entry.kind.name != _ITSELF else ():
                user = Uid(uid.partition("#")[0])
                if draft.uid != user and (draft.uid, user) not in seen:
                    seen.add((draft.uid, user))
                    yield Edge(draft.uid, user, "holds-key-of", one.origin)


def _marks(draft: Draft, declared: list[Declared]) -> Iterator[str]:
    """Give what tells a key: its id, its secret where a state knows it, and why nobody knows it before."""
    yield draft.name
    yield f"{draft.address}.secret "
    for one in declared:
        if one.address == draft.address:
            yield from (value for name in _SECRETS if isinstance(value := one.values.get(name), str) and value)


def _holders(one: Declared, index: Index, of: Callable[[Declared], Iterable[Draft]]) -> Iterable[Draft]:
    if one.type not in CONTENTS:
        return of(one)
    kind, path = CONTENTS[one.type]
    name = search(path, one.values)
    draft = index.find(kind, text_of(name), one.where) if isinstance(name, str) else None
    return [] if draft is None else [draft]


def _texts(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - any value of a declaration
    if isinstance(value, Encoded):
        value = value.value
    if isinstance(value, Unknown):
        yield value.why
        yield value.text or ""
    elif isinstance(value, str):
        yield value
    elif depth < _DEEPEST:
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _texts(one, depth + 1)
