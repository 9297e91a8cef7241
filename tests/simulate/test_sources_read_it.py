"""The collecting room's own sources read what the simulation writes: nothing unparsed but the garbage put in on purpose."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from tests.simulate.framing import files, head, records

from bartizan.collect.contract import Context, Source
from bartizan.simulate import Truth

WHERE = {
    "windows": ("bartizan.collect.sources.windows.events", "*.ndjson*"),
    "cloudtrail": ("bartizan.collect.sources.aws.cloudtrail", "*.json.gz"),
    "linux": ("bartizan.collect.sources.linux.syslog", "auth.log*"),
    "linux/": ("bartizan.collect.sources.linux.auditd", "audit.log*"),
    "nginx": ("bartizan.collect.sources.web.access", "access.log*"),
    "zeek": ("bartizan.collect.sources.network.zeek_tsv", "*.log*"),
}


@pytest.mark.parametrize("folder", WHERE)
def test_a_source_reads_all_but_the_garbage(small_day: tuple[Path, Truth], folder: str) -> None:
    module, pattern = WHERE[folder]
    try:
        source: Source = import_module(module).SOURCE
    except (ImportError, AttributeError):
        pytest.skip(f"{module} holds no source yet")
    root, truth = small_day
    for path in files(root, folder):
        if path.match(pattern):
            raws = records(path)
            parsed = source.parse(raws, Context(head=head(path), modified=path.stat().st_mtime))
            garbage = truth.files[str(path.relative_to(root))].garbage
            assert len(parsed.unparsed) <= garbage, (path.name, list(parsed.unparsed.items())[:3])
            assert sum(len(part.rows) for part in parsed.parts) + len(parsed.unparsed) == len(raws)
