from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hunting import ACCEPTED, FAILED, PACK, pack

if TYPE_CHECKING:
    from pathlib import Path

MANY = """
title: Many logins failed
name: many
id: b1111111-1111-4111-8111-111111111111
level: high
correlation: {type: event_count, rules: [failed], group-by: [host], timespan: 1m, condition: {gte: 5}}
"""
GUESSED = """
title: A password was guessed
id: b2222222-2222-4222-8222-222222222222
level: critical
correlation: {type: temporal_ordered, rules: [many, accepted], group-by: [host], timespan: 10m}
"""
PORTS = """
title: Many ports
id: b3333333-3333-4333-8333-333333333333
level: medium
correlation:
  type: value_count
  rules: [failed]
  group-by: [src]
  aliases: {src: {failed: src_ip}}
  timespan: 1h
  generate: true
  condition: {gte: 3, field: src_port}
"""
ABSENT = """
title: Nobody got in
id: b5555555-5555-4555-8555-555555555555
level: low
correlation: {type: bartizan_absence, rules: [failed, accepted], group-by: host, timespan: 30s}
"""
JOINED = """
title: An archive is made of what is somebody's own
id: aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa
level: low
logsource: {product: linux, category: process_creation}
detection:
  run: {Image|endswith: /tar, CommandLine|contains: my data, CurrentDirectory: /home/operator}
  condition: run
"""
FILTER = """
title: The analyst may ask
id: cccccccc-cccc-4ccc-8ccc-cccccccccccc
logsource: {product: windows, category: process_creation}
filter:
  rules: [33333333-3333-4333-8333-333333333333]
  selection: {User: 'CORP\\analyst'}
  condition: not selection
"""


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rules that judge records, and correlations of them."""
    more = {"failed": FAILED, "accepted": ACCEPTED, "many": MANY, "guessed": GUESSED, "ports": PORTS, "absent": ABSENT, "joined": JOINED}
    return pack(tmp_path_factory.mktemp("rules"), {**PACK, **{f"{name}-of-logins.yml": text for name, text in more.items()}})
