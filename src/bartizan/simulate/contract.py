"""What a behaviour of the company and a stage of an intrusion are: values in files of their own, found by walking the folder."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from bartizan.simulate.company.sessions import Process, Session
    from bartizan.simulate.company.world import Company

__all__ = ["Attack", "Behaviour", "Deed", "Stage", "behaviours", "stages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Something harmless that goes on in the company all day. ``BEHAVIOUR`` in a module under ``noise/``.

    ``suspicion`` says what a naive rule would take it for; "" where nobody would look twice. Suspicious ones are labelled.
    """

    name: str
    title: str
    act: Callable[[Company], None]
    suspicion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One malicious action: what is done, as ATT&CK names it, where and as whom. ``quiet`` where little shows in any log."""

    id: str
    what: str
    techniques: tuple[str, ...]
    tactic: str
    host: str
    principal: str
    quiet: bool = False


@dataclass(slots=True, eq=False)
class Attack:
    """An intrusion under way: what the intruder holds by now, and what was done so far."""

    company: Company
    rng: Random
    processes: dict[str, Process] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    shells: dict[str, int] = field(default_factory=dict)
    """Process ids on Linux hosts."""
    deeds: dict[str, tuple[float, Deed]] = field(default_factory=dict)

    @contextmanager
    def doing(self, moment: float, deed: Deed) -> Iterator[float]:
        """Label what happens inside as part of a deed that begins at ``moment``."""
        self.deeds[deed.id] = (moment, deed)
        with self.company.journal.labelled(f"deed:{deed.id}"):
            yield moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A part of an intrusion. ``STAGE`` in a module under ``intrusion/``; ``order`` says after which others it is played."""

    order: int
    title: str
    act: Callable[[Attack], None]


def behaviours() -> list[Behaviour]:
    """Return every behaviour of the folder, by name."""
    found = (getattr(module, "BEHAVIOUR", None) for module in _modules("bartizan.simulate.noise"))
    return sorted((value for value in found if isinstance(value, Behaviour)), key=lambda behaviour: behaviour.name)


def stages() -> list[Stage]:
    """Return every stage of the folder, in the order played."""
    found = (getattr(module, "STAGE", None) for module in _modules("bartizan.simulate.intrusion"))
    return sorted((value for value in found if isinstance(value, Stage)), key=lambda stage: stage.order)


def _modules(package: str) -> list[object]:
    folder = import_module(package)
    return [import_module(f"{package}.{entry.name}") for entry in iter_modules(folder.__path__)]
