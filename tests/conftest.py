"""Sources are looked for when tests are collected: apart from the mapping files and what is kept of those who run the tests."""

from __future__ import annotations

import os
import tempfile

from hypothesis import HealthCheck, settings

_HOME = tempfile.TemporaryDirectory(prefix="bartizan-tests-")
os.environ["XDG_CONFIG_HOME"] = os.path.join(_HOME.name, "config")  # noqa: PTH118 - one line, no module more
os.environ["XDG_CACHE_HOME"] = os.path.join(_HOME.name, "cache")  # noqa: PTH118 - as above

# How long an example takes is the machine's business, and a suite says the same of the same code whenever it is run. To look for
# what nobody has seen yet: HYPOTHESIS_PROFILE=searching, or `make bench NAME=fuzz`.
settings.register_profile("patient", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("searching", settings.get_profile("patient"), derandomize=False, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))
