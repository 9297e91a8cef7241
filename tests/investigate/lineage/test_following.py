"""Causes that came before their effects are followed, and not through what has to do with everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bartizan.investigate.lineage.contract import Step, Thing, Told
from bartizan.investigate.lineage.following import everything_from, lineage_of
from bartizan.investigate.lineage.steps import Known

SECOND = 1_000_000_000


def process(name: str) -> Thing:
    return Thing("process", "ws-1", name)


def file(name: str) -> Thing:
    return Thing("file", "ws-1", name)


def step(second: int, cause: Thing, verb: str, effect: Thing) -> Step:
    return Step(second * SECOND, verb, cause, effect, f"{second:032x}")


SITE = Thing("endpoint", "", "203.0.113.9:443")
STORY = [
    step(1, process("explorer"), "started", process("browser")),
    step(2, process("browser"), "connected", Thing("endpoint", "", "198.51.100.1:443")),
    step(5, process("browser"), "wrote", file("payload.exe")),
    step(9, process("explorer"), "started", process("payload")),
    step(9, file("payload.exe"), "ran", process("payload")),
    step(10, process("payload"), "connected", SITE),
    step(20, process("payload"), "started", process("shell")),
    step(21, process("shell"), "wrote", file("tool.exe")),
    step(30, process("shell"), "started", process("tool")),
    step(30, file("tool.exe"), "ran", process("tool")),
    step(31, process("tool"), "injected", process("svchost")),
    step(32, process("tool"), "wrote", file("dump.bin")),
    step(40, process("browser"), "wrote", file("cache")),
    step(50, process("other"), "connected", SITE),
    step(60, process("svchost"), "started", process("update")),
]
PATHS = {"explorer": "C:\\Windows\\explorer.exe", "svchost": "C:\\Windows\\System32\\svchost.exe"}


def known(steps: list[Step], **paths: str) -> Known:
    things = {thing for one in steps for thing in (one.cause, one.effect) if thing.kind == "process"}
    return Known(sorted(steps), {thing: Told({**PATHS, **paths}.get(thing.name, thing.name)) for thing in things})


def names(things: object) -> set[str]:
    assert isinstance(things, frozenset)
    return {thing.name for thing in things}


def test_a_process_is_followed_to_where_it_came_in_and_to_all_that_came_of_it() -> None:
    lineage = lineage_of(known(STORY), process("tool"))
    assert names(lineage.things) == {"browser", "payload.exe", "payload", SITE.name, "shell", "tool.exe", "tool", "dump.bin"}
    assert [(thing.name, why) for thing, why in lineage.stops] == [
        ("explorer", "it starts whatever is to be started"),
        ("svchost", "it starts whatever is to be started"),
    ]


def test_what_a_writer_did_besides_and_others_at_the_same_endpoint_are_none_of_it() -> None:
    told = names(lineage_of(known(STORY), process("payload")).things)
    assert not told & {"cache", "other", "update", "198.51.100.1:443"}
    assert names(everything_from(known(STORY), process("payload"))) > told


def test_what_came_before_its_cause_is_no_effect() -> None:
    steps = [
        step(10, process("a"), "started", process("b")),
        step(100, process("b"), "wrote", file("x")),
        step(20, file("x"), "ran", process("early")),
        step(200, file("x"), "ran", process("late")),
    ]
    assert names(lineage_of(known(steps), process("a")).things) == {"a", "b", "x", "late"}


def test_a_process_that_starts_more_than_a_person_would_is_not_followed() -> None:
    steps = [
        *(step(number, process("agent"), "started", process(f"job{number}")) for number in range(10)),
        step(20, process("job3"), "wrote", file("x")),
    ]
    assert names(lineage_of(known(steps), process("job3"), fan_out=9).things) == {"job3", "x"}
    assert lineage_of(known(steps), process("job3"), fan_out=9).stops == ((process("agent"), "it started 10 processes"),)
    assert len(lineage_of(known(steps), process("job3")).things) == 12


def test_a_process_of_which_nothing_is_told_is_alone() -> None:
    assert names(lineage_of(known(STORY), process("nobody")).things) == {"nobody"}


PROCESSES, FILES, TIMES = st.sampled_from([*map(process, "abcdef")]), st.sampled_from([*map(file, "xyz")]), st.integers(0, 40)
STEPS = st.lists(
    st.one_of(
        st.builds(step, TIMES, PROCESSES, st.sampled_from(["started", "injected"]), PROCESSES),
        st.builds(step, TIMES, PROCESSES, st.just("wrote"), FILES),
        st.builds(step, TIMES, FILES, st.just("ran"), PROCESSES),
        st.builds(step, TIMES, PROCESSES, st.just("connected"), st.just(SITE)),
    ),
    max_size=25,
)


@given(STEPS, st.randoms(use_true_random=False))
def test_what_is_followed_is_part_of_everything_and_hangs_on_no_order(steps: list[Step], chance: object) -> None:
    start = process("a")
    lineage = lineage_of(known(steps), start)
    assert lineage.things <= everything_from(known(steps), start)
    assert {thing for one in lineage.steps for thing in (one.cause, one.effect)} | {start} == lineage.things
    mixed = known(steps)
    chance.shuffle(mixed.steps)  # type: ignore[attr-defined]  # a random.Random
    assert lineage_of(mixed, start) == lineage
