"""Read decoders of Wazuh 4, and write those of text logs as patterns of a mapping file.

Of the root decoders that fit a line the first is taken; of its children the first whose ``prematch`` is found, and with it
those behind it of the same name, whose fields are added. A record is called by the root's name, or by the child's where
``use_own_name`` says so. (Wazuh documentation, "Decoders Syntax", "Sibling Decoders".)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.contract import CARRIED, EITHER, REFUSED, Piece, Translated, approximated, carried, refused
from bartizan.rules.imports.wazuh.captures import Names, located
from bartizan.rules.imports.wazuh.patterns import UnknownPatternError, match_alternatives
from bartizan.rules.imports.wazuh.ruleset import Part, parts_of, substituted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.rules.imports.wazuh.xml import Element

__all__ = ["Decoder", "DecoderFile", "Fitted", "fitted", "read_decoders"]

_KNOWN: Final = frozenset({"parent", "program_name", "prematch", "regex", "order", "use_own_name", "plugin_decoder", "type"})
_QUIET: Final = frozenset({"fts", "ftscomment", "accumulate", "json_null_field", "json_array_structure"})
_JSON: Final = "JSON_Decoder"
_HERE: Final = r"(?=(?P<log>[\s\S]*))"


@dataclass(frozen=True, slots=True)
class Decoder:
    """A decoder as it is written."""

    name: str
    path: str
    line: int
    parts: Sequence[Part]

    def text(self, name: str) -> str:
        """Return the text of an element, joined where it stands several times."""
        return "".join(part.text for part in self.parts if part.name == name)

    def part(self, name: str) -> Part | None:
        """Return the last element of a name: its attributes are those that count."""
        return next((part for part in reversed(self.parts) if part.name == name), None)


DecoderFile = tuple[str, "Sequence[Element]"]


@dataclass(slots=True)
class Fitted:
    """A root decoder and its children as patterns: in which lines they are found, by the name that records get.

    ``programs`` are globs of program names, () for any; ``json`` where the records are JSON objects.
    """

    root: Decoder
    programs: tuple[str, ...] = ()
    json: bool = False
    patterns: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    """The name of the record, for each pattern."""
    fields: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """For each name of records, the fields and the groups that hold them."""
    told: list[Translated] = field(default_factory=list)


def read_decoders(files: Iterable[DecoderFile], problems: list[str]) -> list[Decoder]:
    """Read the decoders of files, in order, with the variables of each file put in."""
    found = []
    for path, roots in files:
        variables: dict[str, str] = {}
        for element in roots:
            if element.name == "var":
                variables[element.attributes.get("name", "")] = substituted(element.text.strip(), variables)
            elif element.name == "decoder":
                name = substituted(element.attributes.get("name", ""), variables)
                if name:
                    found.append(Decoder(name, path, element.line, list(parts_of(element, variables))))
                else:
                    problems.append(f"{path}:{element.line}: a decoder without a name: not read")
    return found


def fitted(decoders: Sequence[Decoder]) -> Iterator[Fitted]:
    """Yield every root decoder with its children; children whose parent is not there are told of alone."""
    roots = [decoder for decoder in decoders if not decoder.text("parent")]
    names = {root.name for root in roots}
    for root in roots:
        yield _fit(root, [decoder for decoder in decoders if decoder.text("parent") == root.name])
    for decoder in decoders:
        parent = decoder.text("parent")
        if parent and parent not in names:
            why = f"the decoder '{parent}' is not among the files, or is itself a child"
            yield Fitted(decoder, told=[_told(decoder, [refused("parent", why)])])


def _fit(root: Decoder, children: Sequence[Decoder]) -> Fitted:
    made = Fitted(root)
    pieces = _root(root, made)
    made.told.append(_told(root, pieces))
    if any(piece.fate == REFUSED for piece in pieces):
        made.told += [_told(child, [refused("parent", f"the decoder '{root.name}' cannot be carried")]) for child in children]
        return made
    if not made.json:
        for family in [*_families(children), [root]]:
            _add(made, root, family)
    return made


def _root(root: Decoder, made: Fitted) -> list[Piece]:
    """Return what became of a root decoder, and note which programs' lines it reads and whether they are JSON."""
    pieces = list(_elements(root))
    program = root.part("program_name")
    if program is not None:
        globs = _globs(root.text("program_name"), program.attributes.get("type", "osmatch"))
        pieces.append(
            carried("program_name") if globs else refused("program_name", "which names it stands for cannot be said as names with *")
        )
        made.programs = tuple(globs)
    plugin = root.text("plugin_decoder")
    made.json = plugin == _JSON
    if made.json:
        pieces.append(approximated("plugin_decoder", "records are the JSON objects that have a field that a rule asks for", EITHER))
    elif plugin:
        pieces.append(refused("plugin_decoder", f"'{plugin}' is built into Wazuh"))
    elif program is None and root.part("prematch") is None:
        pieces.append(refused("prematch", "it has neither program_name nor prematch: every line would be its own"))
    return pieces


def _families(children: Sequence[Decoder]) -> Iterator[list[Decoder]]:
    """Yield children that stand together under one name."""
    family: list[Decoder] = []
    for child in children:
        if family and family[-1].name != child.name:
            yield family
            family = []
        family.append(child)
    if family:
        yield family


def _add(made: Fitted, root: Decoder, family: Sequence[Decoder]) -> None:
    """Add the pattern of children of one name, or of the root alone."""
    names, head = Names(), family[0]
    pieces = [[] if child is root else list(_elements(child)) for child in family]
    try:
        pattern = _pattern(root, family, names)
    except UnknownPatternError as error:
        pattern = ""
        pieces = [[*own, refused("regex", str(error))] for own in pieces]
    if head is root:
        made.told[0] = replace(made.told[0], pieces=[*made.told[0].pieces, *pieces[0]])
    else:
        made.told += [_told(child, own) for child, own in zip(family, pieces, strict=True)]
    if any(piece.fate == REFUSED for own in pieces for piece in own):
        return
    key = next(one for one in (head.name, *(f"{head.name}-{number}" for number in range(2, 10_000))) if one not in made.patterns)
    made.patterns[key] = pattern
    called = made.called[key] = head.name if head.text("use_own_name").strip().lower() == "true" else root.name
    known = made.fields.setdefault(called, {})
    for name, groups in names.fields.items():
        known[name] = list(dict.fromkeys([*known.get(name, []), *groups]))


def _pattern(root: Decoder, family: Sequence[Decoder], names: Names) -> str:
    """Return the expression for lines of a root and some children of it: what must be found, and then what may be.

    Each part looks ahead from where the line begins; a path leads to the end of the first place where a part is found.
    """
    above = _path("", root, "prematch")
    pieces = [_HERE, f"(?={above})" if above else ""]
    ahead = before = above
    for child in family:
        prematch = child.part("prematch")
        if child is not root and prematch is not None:
            ahead = _path(above if _offset(prematch) == "after_parent" else "", child, "prematch")
            if child is family[0]:
                pieces.append(f"(?={ahead})")
        regex = child.part("regex")
        if regex is None:
            continue
        base = {"after_parent": above, "after_prematch": ahead, "after_regex": before}.get(_offset(regex), "")
        order = [name.strip() for name in child.text("order").split(",") if name.strip()]
        found = located(child.text("regex"), _kind(regex), order=order, names=names)
        # A child stays chosen where its regex is not found: the record then lacks these fields.
        pieces.append(f"(?:(?={base}{found}))?")
        before = _path(base, child, "regex")
    return "".join(pieces)


def _path(base: str, decoder: Decoder, name: str) -> str:
    part = decoder.part(name)
    return base if part is None else f"{base}(?>{located(decoder.text(name), _kind(part))})"


def _kind(part: Part) -> str:
    return part.attributes.get("type", "osregex").strip().lower()


def _offset(part: Part) -> str:
    return part.attributes.get("offset", "").strip().lower()


def _elements(decoder: Decoder) -> Iterator[Piece]:
    for part in decoder.parts:
        if part.name in _QUIET:
            yield carried(part.name, "has nothing to do with which fields are found")
        elif part.name not in _KNOWN:
            yield refused(part.name, "no element of a decoder of Wazuh 4 that is known here")
    if decoder.text("regex") and not decoder.text("order"):
        yield approximated("regex", "it takes nothing out: it has no order", EITHER)


def _globs(text: str, kind: str) -> list[str]:
    """Return program names, with ``*`` for any text, that a pattern stands for; none where it is another kind of pattern."""
    if kind not in ("osmatch", "osregex") or (kind == "osregex" and "\\" in text):
        return []
    negated, parts = match_alternatives(text)
    if negated or any("*" in part for _, part, _ in parts):
        return []
    return [f"{'' if front else '*'}{part}{'' if end else '*'}" for front, part, end in parts]


def _told(decoder: Decoder, pieces: Sequence[Piece]) -> Translated:
    shown = pieces or [Piece("decoder", CARRIED)]
    return Translated(id=decoder.name, title="decoder", path=decoder.path, line=decoder.line, pieces=shown)
