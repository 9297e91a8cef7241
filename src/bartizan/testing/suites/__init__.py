"""Run the tests that rules come with: our own cases, SigmaHQ's regression data, Panther's tests, Wazuh's test lines."""

from __future__ import annotations

from bartizan.testing.suites.own import own_tests
from bartizan.testing.suites.panther import panther_tests
from bartizan.testing.suites.sigmahq import sigmahq_tests
from bartizan.testing.suites.tested import Setting, Tested
from bartizan.testing.suites.wazuh import wazuh_tests

__all__ = ["Setting", "Tested", "own_tests", "panther_tests", "sigmahq_tests", "wazuh_tests"]
