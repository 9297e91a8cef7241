"""Evaluate expressions of HCL. What cannot be known, or is wrong, is ``Unknown`` with its reason: nothing raises, nothing is guessed."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.values import HOLE, Namespace, Unknown, text_of
from bartizan.collect.inventory.terraform.hcl.functions import call
from bartizan.collect.inventory.terraform.hcl.syntax import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    GetAttr,
    Index,
    Literal,
    Object,
    Splat,
    Template,
    Tuple,
    Unary,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bartizan.collect.inventory.terraform.hcl.functions import Files

__all__ = ["Budget", "Scope", "evaluate", "lookup"]

_MAX_TEXT: Final = 2_000_000
_MAX_ITEMS: Final = 100_000
_FAILURES: Final = (TypeError, ValueError, KeyError, IndexError, ArithmeticError, AttributeError)
"""What Python raises where a value is not what an operator or function takes."""
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": lambda left, right: left - right * int(left / right),
}


@dataclass(slots=True)
class Budget:
    """How many steps an estate may still take: a hostile folder must not take all day. Published modules take some 100,000."""

    steps: int = 2_000_000

    def spend(self, steps: int) -> bool:
        """Take steps; False where none are left."""
        self.steps -= steps
        return self.steps > 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: ``roots`` those of a module, ``names`` those of loops; ``unnamed`` gives those of resource types."""

    roots: Mapping[str, Any]
    unnamed: Callable[[str], Any]
    files: Files
    budget: Budget
    names: Mapping[str, Any] = field(default_factory=dict)

    def named(self, names: Mapping[str, Any]) -> Scope:
        """Return the scope of a loop."""
        return Scope(self.roots, self.unnamed, self.files, self.budget, {**self.names, **names})


def evaluate(expression: Expression, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    """Return the value of an expression."""
    if not scope.budget.spend(1):
        return Unknown("the folder takes too long to evaluate")
    try:
        return _RULES[type(expression)](expression, scope)
    except _FAILURES as error:
        return Unknown(" ".join(str(error).split())[:200] or type(error).__name__, wrong=True)
    except RecursionError:
        return Unknown("it refers to itself, or is nested too deep")


def lookup(value: Any, key: Any) -> Any:  # noqa: ANN401 - any value of the language
    """Return an attribute or an item of a value."""
    for one in (value, key):
        if isinstance(one, Unknown):
            return one.passed()
    if isinstance(value, Namespace):
        return value.attribute(text_of(key))
    if isinstance(value, list) and 0 <= int(key) < len(value):
        return value[int(key)]
    if isinstance(value, dict) and text_of(key) in value:
        return value[text_of(key)]
    return Unknown(f"there is no '{text_of(key)}'", wrong=True)


def _template(template: Template, scope: Scope) -> Any:  # noqa: ANN401 - text or unknown
    made: list[str] = []
    unknown: Unknown | None = None
    credential = False
    for part in template.parts:
        value = evaluate(part, scope)
        if isinstance(value, str | int | float):
            made.append(text_of(value))
            continue
        credential |= isinstance(value, Unknown) and value.credential
        unknown = unknown or (value if isinstance(value, Unknown) else Unknown("a list, object or null in a text"))
        made.append(value.text if isinstance(value, Unknown) and value.text is not None else HOLE)
    text = "".join(made)
    if len(text) > _MAX_TEXT:
        return Unknown("the text is too long")
    return text if unknown is None else Unknown(unknown.why, text, credential=credential)


def _variable(variable: Variable, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    if variable.name in scope.names:
        return scope.names[variable.name]
    return scope.roots[variable.name] if variable.name in scope.roots else scope.unnamed(variable.name)


def _call(called: Call, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    if called.name in ("try", "can"):
        return _tried(called, scope)
    arguments = [evaluate(one, scope) for one in called.arguments]
    if called.spread and arguments:
        last = arguments.pop()
        if isinstance(last, Unknown):
            return last
        arguments.extend(last)
    if called.name in ("templatefile", "templatestring") and len(arguments) == 2 and isinstance(arguments[1], dict):  # noqa: PLR2004 - path or text, and names
        return _from_template(called.name, arguments[0], arguments[1], scope)
    value = call(called.name, arguments, scope.files)
    if isinstance(value, str | list | dict) and len(value) > (_MAX_TEXT if isinstance(value, str) else _MAX_ITEMS):
        return Unknown(f"what {called.name}() gives is too long")
    return value


def _tried(called: Call, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    """Return the first value that is not wrong, for ``can`` whether there is one; what is not known yet may be wrong or not."""
    value: Any = Unknown("try() of nothing", wrong=True)
    for one in called.arguments:
        value = evaluate(one, scope)
        if not isinstance(value, Unknown) or not value.wrong:
            break
    if called.name == "try":
        return value
    return value if isinstance(value, Unknown) and not value.wrong else not isinstance(value, Unknown)


def _from_template(function: str, told: Any, names: dict[str, Any], scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    text = told if isinstance(told, Unknown) else text_of(told) if function == "templatestring" else scope.files.text(text_of(told))
    if isinstance(text, Unknown):
        return text
    template = scope.files.template(text)
    return template if isinstance(template, Unknown) else evaluate(template, scope.named(names))


def _splat(splat: Splat, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    value = evaluate(splat.of, scope)
    if isinstance(value, Unknown):
        return value.passed()
    items = [] if value is None else value if isinstance(value, list) else [value]
    return [evaluate(splat.each, scope.named({"": item})) for item in items]


def _tuple(made: Tuple, scope: Scope) -> list[Any]:
    return [evaluate(item, scope) for item in made.items]


def _object(made: Object, scope: Scope) -> Any:  # noqa: ANN401 - an object or unknown
    values: dict[str, Any] = {}
    for key, value in made.items:
        name = evaluate(key, scope)
        if isinstance(name, Unknown):
            return name
        values[text_of(name)] = evaluate(value, scope)
    return values


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any value of the language
    """Yield the keys and values of a collection."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
    else:
        message = "for goes over what is no collection"
        raise TypeError(message)


def _for(loop: For, scope: Scope) -> Any:  # noqa: ANN401 - a list, an object or unknown
    collection = evaluate(loop.collection, scope)
    if isinstance(collection, Unknown):
        return collection.passed()
    made: list[tuple[Any, Any]] = []
    for key, value in _pairs(collection):
        inside = scope.named({loop.key: key, loop.value: value} if loop.key else {loop.value: value})
        kept = True if loop.condition is None else evaluate(loop.condition, inside)
        if isinstance(kept, Unknown):
            return kept
        if _truth(kept):
            name = None if loop.result_key is None else evaluate(loop.result_key, inside)
            made.append((name, evaluate(loop.result, inside)))
    if loop.joined:
        return call("join", ["", [result for _, result in made]], scope.files)
    return _keyed(made, group=loop.group) if loop.result_key is not None else [result for _, result in made]


def _keyed(pairs: list[tuple[Any, Any]], *, group: bool) -> Any:  # noqa: ANN401 - an object or unknown
    made: dict[str, Any] = {}
    for name, result in pairs:
        if isinstance(name, Unknown):
            return name
        if group:
            made.setdefault(text_of(name), []).append(result)
        else:
            made[text_of(name)] = result
    return made


def _truth(value: Any) -> bool:  # noqa: ANN401 - any value of the language
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    message = "a condition is neither true nor false"
    raise TypeError(message)


def _conditional(made: Conditional, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    condition = evaluate(made.condition, scope)
    if isinstance(condition, Unknown):
        return condition.passed()
    return evaluate(made.yes if _truth(condition) else made.no, scope)


def _binary(made: Binary, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    left = evaluate(made.left, scope)
    if made.operator in ("&&", "||"):
        return _logical(made, left, scope)
    right = evaluate(made.right, scope)
    for one in (left, right):
        if isinstance(one, Unknown):
            return one.passed()
    if made.operator in ("==", "!="):
        return _equal(left, right) is (made.operator == "==")
    result = _COMPARE[made.operator](_number(left), _number(right))
    return float(f"{result:.15g}") if isinstance(result, float) else result


def _logical(made: Binary, left: Any, scope: Scope) -> Any:  # noqa: ANN401 - a truth value or unknown
    """Decide ``&&`` and ``||`` with three values: ``false && unknown`` is false."""
    deciding = made.operator == "||"
    if not isinstance(left, Unknown) and _truth(left) is deciding:
        return deciding
    right = evaluate(made.right, scope)
    if not isinstance(right, Unknown) and _truth(right) is deciding:
        return deciding
    return left if isinstance(left, Unknown) else right if isinstance(right, Unknown) else not deciding


def _equal(left: Any, right: Any) -> bool:  # noqa: ANN401 - any value of the language
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _number(value: Any) -> int | float:  # noqa: ANN401 - any value of the language
    if isinstance(value, str):
        return float(value) if set(value) & set(".eE") else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = "it is no number"
        raise TypeError(message)
    return value


def _unary(made: Unary, scope: Scope) -> Any:  # noqa: ANN401 - a number, a truth value or unknown
    value = evaluate(made.of, scope)
    if isinstance(value, Unknown):
        return value.passed()
    return -_number(value) if made.operator == "-" else not _truth(value)


def _literal(literal: Literal, _scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    return literal.value


def _attribute(made: GetAttr, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    return lookup(evaluate(made.of, scope), made.name)


def _index(made: Index, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    return lookup(evaluate(made.of, scope), evaluate(made.key, scope))


_RULES: Final[Mapping[type, Callable[[Any, Scope], Any]]] = {
    Literal: _literal,
    Template: _template,
    Variable: _variable,
    GetAttr: _attribute,
    Index: _index,
    Splat: _splat,
    Call: _call,
    Tuple: _tuple,
    Object: _object,
    For: _for,
    Conditional: _conditional,
    Binary: _binary,
    Unary: _unary,
}
