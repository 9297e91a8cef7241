from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest
from tests.hunting import NOW, TINY, accepted, write

from bartizan.collect.units import units
from bartizan.detect.hunt.interrupts import Interrupts
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.run import Means, Progress, run
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def test_an_interrupt_outside_of_a_step_is_raised_at_once() -> None:
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        ctrl_c()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_step_is_done_whole_before_the_interrupt_is_raised() -> None:
    done: list[str] = []
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.whole():  # noqa: PT012 - what comes after the signal is what is tested
        ctrl_c()
        done.append("whole")
    assert done == ["whole"]


def test_a_second_interrupt_does_not_wait() -> None:
    done: list[str] = []
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.whole():  # noqa: PT012 - as above
        ctrl_c()
        ctrl_c()
        done.append("never")
    assert done == []


def test_an_interrupt_that_comes_late_is_dropped() -> None:
    with Interrupts() as interrupts:
        with interrupts.late():
            ctrl_c()
        with interrupts.whole():
            pass


def test_a_program_that_handles_the_signal_itself_goes_on_doing_so() -> None:
    caught = []
    before = signal.signal(signal.SIGINT, lambda *_: caught.append(1))
    try:
        with Interrupts():
            ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)
    assert caught == [1]


def test_a_thread_leaves_signals_alone() -> None:
    seen = []

    def work() -> None:
        with Interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


@pytest.mark.parametrize("after", [1, 3])
def test_an_interrupted_hunt_has_a_balance_that_closes(tmp_path: Path, rules: Path, after: int) -> None:
    log = write(tmp_path / "a.log", [accepted(number) for number in range(500)])
    request = Request(rules=(rules,), now=NOW)
    loaded = rules_for(request)
    seen: list[Progress] = []

    def tell(state: Progress) -> None:
        seen.append(state)
        if len(seen) == after:
            ctrl_c()

    spool = Spool()
    means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool, progress=tell)
    outcome = run(units([str(log)], limits=TINY), request, means)
    assert outcome.partial == f"interrupted after {seen[-1].events} records: what comes later was not read"
    assert [(one.read, one.stored) for one in outcome.balance] == [(seen[-1].events, seen[-1].events)]
    assert (outcome.findings, len(list(spool.lines())), len(seen)) == (seen[-1].events, seen[-1].events, after)
    assert outcome.balance[0].bytes == seen[-1].bytes < log.stat().st_size
    spool.close()
