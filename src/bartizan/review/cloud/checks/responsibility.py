"""Say of what is in an estate who answers for which control: its provider, its customer, both, or nobody knows.

How a kind of resource is run (a machine, a managed database, a function ...) says who does what. A kind of which that is not told is a
question, and no answer is made up for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.documents import Refused, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

__all__ = ["OWNERS", "Model", "Models", "Responsibility", "Shares", "models", "responsibility"]

OWNERS: Final = ("provider", "customer", "shared")


@dataclass(frozen=True, slots=True)
class Model:
    """A way in which things are run: ``owners`` by control; a control that is not there does not arise."""

    name: str
    about: str
    owners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Models:
    """All that is told: controls in words, and the model of each kind by provider and name."""

    controls: Mapping[str, str]
    kinds: Mapping[tuple[str, str], Model]


@dataclass(frozen=True, slots=True)
class Shares:
    """Who answers for the controls of one kind in an estate; ``model`` is None where it is not told, and ``question`` what to find out."""

    provider: str
    kind: str
    resources: int
    model: Model | None
    question: str = ""

    def owner(self, control: str) -> str:
        """Return provider, customer, shared, "" where the control does not arise, or ``unknown``."""
        return "unknown" if self.model is None else self.model.owners.get(control, "")


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The estate by kind, most resources first, and the questions that are left."""

    controls: Mapping[str, str]
    shares: tuple[Shares, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """Return what has to be found out."""
        return tuple(one.question for one in self.shares if one.question)

    def by_owner(self, owner: str) -> Mapping[str, tuple[str, ...]]:
        """Return, for each control that somebody (provider, customer, shared, unknown) answers for, the kinds of which he does."""
        found = {name: tuple(one.kind for one in self.shares if one.owner(name) == owner) for name in self.controls}
        return {name: kinds for name, kinds in found.items() if kinds}


def responsibility(facts: Facts, told: Models) -> Responsibility:
    """Return who answers for what of an estate."""
    counted = Counter((one.provider, one.kind) for one in facts.resources)
    shares = []
    for (provider, kind), count in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        model = told.kinds.get((provider, kind))
        question = "" if model is not None else f"{provider} {kind} ({count}): who runs it, and who answers for its controls, is not told"
        shares.append(Shares(provider, kind, count, model, question))
    return Responsibility(told.controls, tuple(shares))


def models(folder: Path) -> Models:
    """Read ``models.yml`` and a file for each provider; InputError where one is none, or speaks of what is not there."""
    base = _document(folder / "models.yml", {"controls", "models"})
    controls: Mapping[str, str] = base["controls"]
    known = {name: _model(folder / "models.yml", name, told, controls) for name, told in base["models"].items()}
    kinds: dict[tuple[str, str], Model] = {}
    for file in sorted(folder.glob("*.yml")):
        if file.stem == "models":
            continue
        for name, some in _document(file, {"kinds"})["kinds"].items():
            if name not in known:
                message = f"{file}: there is no model '{name}'; models.yml has {', '.join(known)}"
                raise InputError(message)
            for kind in some:
                if (file.stem, kind) in kinds:
                    message = f"{file}: {kind} stands under {name} and under {kinds[file.stem, kind].name}"
                    raise InputError(message)
                kinds[file.stem, str(kind)] = known[name]
    return Models(controls, kinds)


def _model(file: Path, name: str, told: Any, controls: Mapping[str, str]) -> Model:  # noqa: ANN401 - YAML
    owners: dict[str, str] = {}
    for owner in OWNERS:
        for control in told.get(owner, ()):
            if control not in controls or control in owners:
                message = f"{file}: {name}: '{control}' is no control, or stands there twice"
                raise InputError(message)
            owners[control] = owner
    return Model(name, str(told.get("about", "")), {control: owners[control] for control in controls if control in owners})


def _document(file: Path, keys: set[str]) -> Any:  # noqa: ANN401 - YAML
    try:
        found = list(documents(file.read_bytes()))
    except OSError as error:
        message = f"{file}: cannot be read: {error.strerror or error}"
        raise InputError(message) from error
    if len(found) != 1 or isinstance(found[0], Refused) or not isinstance(found[0].value, dict) or found[0].value.keys() != keys:
        message = f"{file}: is no mapping of {', '.join(sorted(keys))}"
        raise InputError(message)
    return found[0].value
