"""Ask of a case what is asked of its kind, and answer from records: found, not found, or cannot tell, and why.

A kind of case is one file of ``content/investigations/``: when it fits (techniques), and questions. A question is answered by signals that
tell of one of its techniques, or by the entities of the core of some kinds. Where nothing is found, that counts only
for hosts that gave the records in which it would stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.documents import Document, Map, Refused, documents, suggestion
from bartizan.errors import InputError
from bartizan.investigate.contract import CORE
from bartizan.investigate.coverage import HOUR, coverage_of
from bartizan.investigate.reaching import REVIEWS, reach_of
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.investigate.contract import Case, Signal
    from bartizan.investigate.coverage import Coverage
    from bartizan.investigate.desk import CaseDesk
    from bartizan.investigate.scope import Claim

__all__ = ["Answer", "Investigation", "Question", "answers_of", "fitting", "investigations_in"]

_KEYS: Final = ("ask", "techniques", "entities", "records", "reach")
_TOP: Final = ("title", "when", "questions")
_NANO: Final = 1_000_000
_CITED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, which techniques or kinds of entity answer it, and in which tables of records it would stand."""

    ask: str
    techniques: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    reach: bool = False
    """Whether it is answered by what reviews of the cloud say that entities of the case can reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """A kind of case: its id is the name of its file; ``when``: techniques of which one makes it fit."""

    id: str
    title: str
    when: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``verdict``: ``found``, ``not found`` or ``cannot tell``; what is said, and the records that say so."""

    question: Question
    verdict: str
    text: str
    records: tuple[str, ...] = ()


def investigations_in(folder: Path) -> list[Investigation]:
    """Return the kinds of case that the files of a folder tell, by id. InputError names file, line and what is wrong."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        try:
            [document] = documents(path.read_bytes())
        except (OSError, ValueError) as error:
            message = f"{path}: is no kind of case: it has to be one YAML document ({error})"
            raise InputError(message) from error
        try:
            found.append(_read(path.stem, document))
        except Refused as refused:
            message = f"{path}:{refused.line}: {refused.why}"
            raise InputError(message) from refused
    return found


def fitting(case: Case, known: Sequence[Investigation]) -> list[Investigation]:
    """Return the kinds that fit a case, that of which the core tells most first."""
    told = [one for signal in case.signals if signal.id in case.core for finding in signal.findings for one in finding.techniques]
    weighed = [(sum(_is_of(one, kind.when) for one in told), kind) for kind in known]
    return [kind for weight, kind in sorted(weighed, key=lambda pair: (-pair[0], pair[1].id)) if weight]


def answers_of(desk: CaseDesk, case: Case, claims: Sequence[Claim], kind: Investigation) -> list[Answer]:
    """Return the answers to the questions of a kind of case."""
    tables = sorted({table for question in kind.questions for table in question.records})
    seen = coverage_of(desk.place, desk.names, tables)
    return [_reached(question, desk, claims) if question.reach else _answer(question, case, claims, seen) for question in kind.questions]


def _reached(question: Question, desk: CaseDesk, claims: Sequence[Claim]) -> Answer:
    """Answer by the ways of stored reviews: what the entities of the case can come to."""
    if not desk.place.tables.get(REVIEWS):
        return Answer(question=question, verdict="cannot tell", text="no review of the cloud is kept here (`bartizan cloud review --lake`)")
    found = reach_of(desk.place, claims)
    if not found:
        return Answer(question=question, verdict="not found", text="by the newest review of the cloud no entity of the case leads further")
    told = dict.fromkeys(f"{f'{one.kind} {one.name}'.strip()} by {one.entity.value}" for one in found)
    return Answer(
        question=question, verdict="found", text="; ".join(list(told)[:_CITED]), records=tuple(one.record for one in found)[:_CITED]
    )


def _answer(question: Question, case: Case, claims: Sequence[Claim], seen: Coverage) -> Answer:
    core = [claim for claim in claims if claim.ring == CORE and claim.entity.kind.value in question.entities]
    if core:
        records = tuple(dict.fromkeys(record for claim in core for record in claim.records[:1]))
        return Answer(question=question, verdict="found", text=", ".join(claim.entity.value for claim in core), records=records[:_CITED])
    held = [
        (signal, finding)
        for signal in case.signals
        for finding in signal.findings
        if any(_is_of(one, question.techniques) for one in finding.techniques)
    ]
    if held:
        titles = list(dict.fromkeys(signal.title for signal, _ in sorted(held, key=lambda pair: _rank(pair[0], case))))
        records = tuple(dict.fromkeys(record for _, finding in held for record in finding.records))
        return Answer(question=question, verdict="found", text="; ".join(titles[:_CITED]), records=records[:_CITED])
    missing = list(_missing(question, case, claims, seen))
    if missing:
        return Answer(question=question, verdict="cannot tell", text="; ".join(missing))
    where = f", and every host of the core gave {' and '.join(question.records)}" if question.records else ""
    return Answer(question=question, verdict="not found", text=f"no rule spoke of it{where}")


def _rank(signal: Signal, case: Case) -> tuple[bool, int, float]:
    return signal.id not in case.core, -signal.severity_id, -signal.bits


def _missing(question: Question, case: Case, claims: Sequence[Claim], seen: Coverage) -> Iterator[str]:
    """Yield the tables of which hosts of the core gave no record while the case went on."""
    hosts = [claim.entity.value for claim in claims if claim.ring == CORE and claim.entity.kind is EntityKind.HOST]
    hours = range(case.signals[0].first // _NANO // HOUR, case.signals[-1].last // _NANO // HOUR + 1)
    for table in question.records:
        blind = [host for host in hosts if not seen.hours.get((host, table), frozenset()).intersection(hours)]
        if blind:
            yield f"no {table} of {', '.join(blind)}"


def _is_of(technique: str, wanted: Sequence[str]) -> bool:
    """Say whether a technique is one of some, or a sub-technique of one."""
    return any(technique == one or technique.startswith(f"{one}.") for one in wanted)


def _read(name: str, document: Document | Refused) -> Investigation:
    if isinstance(document, Refused):
        raise document
    top = document.value
    if not isinstance(top, Map):
        message = "is no mapping with title, when and questions"
        raise Refused(message, 1)
    _known(top, _TOP)
    questions = top.get("questions")
    if not isinstance(questions, list) or not questions:
        message = "questions: there are none"
        raise Refused(message, top.lines.get("questions", top.line))
    return Investigation(
        id=name, title=_text(top, "title"), when=_words(top, "when"), questions=tuple(_question(one, top.line) for one in questions)
    )


def _question(told: Any, line: int) -> Question:  # noqa: ANN401 - YAML holds anything
    if not isinstance(told, Map):
        message = "questions: each is a mapping that begins with ask"
        raise Refused(message, line)
    _known(told, _KEYS)
    entities = _words(told, "entities")
    kinds = [kind.value for kind in EntityKind]
    for word in entities:
        if word not in kinds:
            message = f"entities: '{word}' is no kind of entity{suggestion(word, kinds)}"
            raise Refused(message, told.lines["entities"])
    reach = told.get("reach", False)
    if not isinstance(reach, bool):
        message = "reach: has to be true or false"
        raise Refused(message, told.lines["reach"])
    question = Question(
        ask=_text(told, "ask"), techniques=_words(told, "techniques"), entities=entities, records=_words(told, "records"), reach=reach
    )
    if not (question.techniques or question.entities or question.reach):
        message = "a question needs techniques or entities that answer it, or reach"
        raise Refused(message, told.line)
    return question


def _known(told: Map, keys: Sequence[str]) -> None:
    for key in told:
        if key not in keys:
            message = f"'{key}' is no key here{suggestion(str(key), keys)}; there are {', '.join(keys)}"
            raise Refused(message, told.lines.get(key, told.line))


def _text(told: Map, key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value.strip():
        message = f"{key}: has to be a text"
        raise Refused(message, told.lines.get(key, told.line))
    return value


def _words(told: Map, key: str) -> tuple[str, ...]:
    value = told.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        message = f"{key}: has to be a list of words"
        raise Refused(message, told.lines.get(key, told.line))
    return tuple(value)
