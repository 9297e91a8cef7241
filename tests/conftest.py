"""Sources are looked for when tests are collected: apart from the mapping files and what is kept of those who run the tests."""

from __future__ import annotations

import os
import tempfile

from hypothesis import HealthCheck, settings

_HOME = tempfile.TemporaryDirectory(prefix="bartizan-tests-")
os.environ["XDG_CONFIG_HOME"] = os.path.join(_HOME.name, "config")  # noqa: PTH118 - one line, no module more
os.environ["XDG_CACHE_HOME"] = os.path.join(_HOME.name, "cache")  # noqa: PTH118 - as above

# How long an example takes is the machine's business: no test fails because somebody else was at work.
settings.register_profile("patient", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
