"""Events of other people's logs are recognised by content, each on its own, and become valid OCSF; sources tell what they lose.

``log_types.json`` says as which source a log type is to be read. Events stand in a file for each log type that their rule is
for: an event is of the type that it names (``p_log_type``), else of those in whose files it stands. It counts where a source
of one of its types read it and the record is valid; once in a file per type, and once in one file, as users mix logs.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVENTS = FIELD / "panther"
TYPES = Path(__file__).with_name("log_types.json")
BAR = 0.95
SOURCES = 60


def measure() -> Result:
    """Read every event of the listed log types, in a file per type and mixed, and count sources that tell what they lose."""
    if not EVENTS.is_dir():
        return skipped("sources", "the field data is not here")
    types: dict[str, list[str]] = json.loads(TYPES.read_bytes())
    events = {line: [name for name in names if name in types] for line, names in _events().items()}
    events = {line: names for line, names in events.items() if names}
    apart: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for name in types:
        lines = [line for line, names in events.items() if names[0] == name]
        whole[name] = len(lines)
        apart[name] = _right(lines, events, types)
    mixed = list(events)
    random.Random(7).shuffle(mixed)
    right, count, sources = _right(mixed, events, types), len(mixed), _telling()
    details: dict[str, object] = {
        "sources with examples, mapping and loss figure": f"{sources} (bar: at least {SOURCES})",
        "in a file per type": f"{apart.total()} of {count}",
        "in one mixed file": f"{right} of {count}",
        **{name: f"{apart[name]} of {whole[name]} as {', '.join(types[name])}" for name in types if whole[name]},
    }
    figure = min(apart.total(), right) / count if sources >= SOURCES else 0.0
    return Result(name="sources", figure=figure, unit="of the events recognised and valid", bar=BAR, details=details)


def _events() -> dict[bytes, list[str]]:
    """Return every event as a log would hold it, one JSON object a line, with the log types that it can be of."""
    found: dict[bytes, list[str]] = {}
    for path in sorted(EVENTS.glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            event = json.loads(line)["event"]
            names = found.setdefault(json.dumps(event, separators=(",", ":")).encode(), [])
            named = event.get("p_log_type")
            names += [] if named in names or (not named and path.stem in names) else [named or path.stem]
    return found


def _right(lines: Sequence[bytes], events: dict[bytes, list[str]], types: dict[str, list[str]]) -> int:
    """Return how many lines of a log were read by a source of one of their types."""
    allowed = ({source for name in events[line] for source in types[name]} for line in lines)
    return sum(source in sources for source, sources in zip(_read_as(lines), allowed, strict=True))


def _read_as(lines: Sequence[bytes]) -> list[str]:
    """Return, for each line of a log, the source that read it and made valid OCSF of it; "" where none did."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.log"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        found = [""] * len(lines)
        balance = 0
        for row, source, valid in _records(path):
            balance += 1
            if valid:
                found[row] = source
        if balance != len(lines):
            message = f"the balance does not close: {len(lines)} events written, {balance} accounted for"
            raise RuntimeError(message)
    return found


def _records(path: Path) -> Iterator[tuple[int, str, bool]]:
    from bartizan.collect.catalogue import catalogue
    from bartizan.collect.contract import Context
    from bartizan.collect.reading import parse_chunk
    from bartizan.collect.units import Numbering, read, units
    from bartizan.schema.expressions import evaluate
    from bartizan.schema.record import Details, Provenance, complete, nested
    from bartizan.testing.ocsf_check import check_record

    numbering = Numbering()
    for unit in units([str(path)]):
        for chunk in read(unit):
            first = numbering.first(chunk) - 1
            reading = parse_chunk(chunk, Context(modified=chunk.modified), catalogue())
            yield from ((first + row, "", False) for row in reading.unparsed)
            for source, part in reading.parts:
                here = Provenance(now=1_800_000_000_000_000_000, modified=chunk.modified, product=source.product, log_provider=source.name)
                whole = complete(evaluate(part.route.ocsf, part.frame), here, Details(observables=True))
                for at, row in enumerate(part.rows):
                    yield first + row, source.name, not check_record(nested(whole.row(at)))


def _telling() -> int:
    """Count the sources that have examples of which something reaches OCSF."""
    from bartizan.collect.catalogue import catalogue
    from bartizan.collect.loss import losses

    return sum(bool(loss.records and loss.mapped) for loss in losses(catalogue()))
