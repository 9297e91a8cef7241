"""Events of other people's logs are recognised by content, each on its own, and become valid OCSF; sources tell what they lose.

The events are those of the log types in ``log_types.json``, which says as which source each is to be read: once a file per
type, and once all in one file, as users mix logs. An event counts where the right source read it and the record is valid.
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
    events = {name: _events(name) for name in types}
    apart: Counter[str] = Counter()
    for name, lines in events.items():
        apart[name] = sum(each in types[name] for each in _read_as(lines))
    mixed = [(name, line) for name, lines in events.items() for line in lines]
    random.Random(7).shuffle(mixed)
    told = _read_as([line for _, line in mixed])
    right = sum(source in types[name] for (name, _), source in zip(mixed, told, strict=True))
    count, sources = len(mixed), _telling()
    share = min(sum(apart.values()), right) / count
    details: dict[str, object] = {
        "sources with examples, mapping and loss figure": f"{sources} (bar: at least {SOURCES})",
        "in a file per type": f"{sum(apart.values())} of {count}",
        "in one mixed file": f"{right} of {count}",
        **{name: f"{apart[name]} of {len(lines)} as {', '.join(types[name])}" for name, lines in events.items()},
    }
    figure = share if sources >= SOURCES else 0.0
    return Result(name="sources", figure=figure, unit="of the events recognised and valid", bar=BAR, details=details)


def _events(name: str) -> list[bytes]:
    """Return the events of a log type as a log would hold them, one JSON object a line, each once."""
    lines = (EVENTS / f"{name}.ndjson").read_bytes().splitlines()
    found = [json.dumps(json.loads(line)["event"], separators=(",", ":")).encode() for line in lines]
    return list(dict.fromkeys(found))


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
