"""Get the credential report, which has to be made before it can be read."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.collect.inventory.live.aws.calls import Ask, Call
    from bartizan.collect.inventory.live.calls import Answer

__all__ = ["with_report"]

_GET: Final = "iam:GetCredentialReport"
_NOT_MADE: Final = frozenset({"ReportNotPresent", "ReportExpired", "ReportInProgress", "CredentialReportNotPresentException"})
_TRIES: Final = 30
"""Seconds, about, for which it is waited for: AWS makes it in a few, for thousands of users in up to a minute."""


def with_report(ask: Ask, *, sleep: Callable[[float], None] = time.sleep) -> Ask:
    """Return what answers as another does, and has the credential report made when it is asked for and is not there."""

    def asked(call: Call) -> Answer:
        answer = ask(call)
        if call.name != _GET:
            return answer
        for tried in range(_TRIES):
            if answer.failure is None or _plain(answer.failure.code) not in _NOT_MADE:
                break
            made = ask(replace(call, operation="GenerateCredentialReport"))
            if made.failure is not None:
                return made
            if made.document.get("State") != "COMPLETE":
                sleep(min(2.0, 0.2 * (tried + 1)))
            answer = ask(call)
        return answer

    return asked


def _plain(code: str) -> str:
    return code.rpartition(".")[2]
