"""Sources are found where they lie; one that cannot be loaded is said and stops nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

from tests.collect.toys import toy

from bartizan.collect.catalogue import Catalogue, catalogue, catalogue_of
from bartizan.collect.contract import Framing

GROUP = "bartizan.sources"


def test_the_catalogue_is_looked_for_once() -> None:
    assert catalogue() is catalogue()
    assert catalogue(()) is catalogue()


def test_sources_are_in_the_order_of_their_names_and_found_by_name() -> None:
    second, first = toy("b"), toy("a")
    known = catalogue_of([("x", second), ("y", first)])
    assert known == Catalogue((first, second))
    assert (known.named("b"), known.named("c")) == (second, None)


def test_sources_are_asked_by_framing() -> None:
    text, both = toy("a"), toy("b", Framing.LINES, Framing.JSON)
    known = catalogue_of([("x", text), ("y", both)])
    assert list(known.reading(Framing.JSON)) == [both]
    assert list(known.reading(Framing.LINES)) == [text, both]


def test_an_entry_point_is_a_source_like_any_other() -> None:
    entry = EntryPoint("toy", "tests.collect.toys:ENTRY", GROUP)
    import tests.collect.toys as module

    module.ENTRY = toy("entry")  # type: ignore[attr-defined]  # a module made here
    assert [source.name for source in catalogue_of([], [entry]).sources] == ["entry"]


def test_what_is_wrong_with_a_candidate_is_said() -> None:
    broken = EntryPoint("gone", "no_such_module_here:SOURCE", GROUP)
    known = catalogue_of([("first", toy("a")), ("second", toy("a")), ("third", object())], [broken])
    assert [source.name for source in known.sources] == ["a"]
    assert known.problems == (
        (
            "entry point gone = no_such_module_here:SOURCE: cannot be loaded: ModuleNotFoundError: No module named 'no_such_module_here'; "
            "mend or uninstall that package"
        ),
        "second: there is another source named 'a'; this one is not used",
        "third: is a object, not a Source",
    )


def test_importing_every_source_loads_no_engine() -> None:
    heavy = {"duckdb", "polars", "pyarrow", "sigma"}
    code = f"import sys; from bartizan.collect.catalogue import catalogue; catalogue(); print({heavy!r} & sys.modules.keys())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
