"""Expressions over the meters' quantities: compiled once, then cheap to evaluate.

One expression has two readings. Of instants (`at`): the values of now go in; a value comes
out, or nothing with the reason, and a part that is missing makes the whole missing. Of
registers (`linear`): what they counted over the same time is combined, never their totals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, Final, NamedTuple

from meterd.metering.grammar import Guess, Node, parse
from meterd.metering.operands import GAUGE, Catalogue, ExpressionError, guess
from meterd.metering.terms import Term, terms
from meterd.metering.units_of_expression import PLAIN, unit_of
from meterd.units import UNITS

MISSING: Final = "missing"
DIVIDED_BY_ZERO: Final = "divided_by_zero"
NOT_FINITE: Final = "not_finite"
NOT_A_NUMBER: Final = "not_a_number"
"""Why an expression has no value: a part was not read, or what the arithmetic gave."""

RATE_PLACES: Final = 9

Value = float | Fraction | str

_BETWEEN: Final = ("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=")
_CODE: Final = {
    **{op: f"({{}} {op} {{}})" for op in _BETWEEN},
    "neg": "(-{})",
    "not": "(not {})",
    "if": "({1} if {0} else {2})",
    "abs": "abs({})",
}
_CODE_OF_MANY: Final = {
    "min": ("min(", ", "),
    "max": ("max(", ", "),
    "and": ("(", " and "),
    "or": ("(", " or "),
}


class Answer(NamedTuple):
    """A value, or None and why. Yes and no are 1.0 and 0.0."""

    value: Value | None
    reason: str = ""


class Expression:
    """A compiled expression. references: what `at` takes the values of, in order.

    unit: of the result; None where nobody knows it.
    """

    def __init__(self, text: str, known: Catalogue, guessed: Guess = guess) -> None:
        """Raises ExpressionError for what is not in the grammar, unknown, or of mixed units."""
        self._tree = parse(text, known, guessed)
        self.text = text
        self.references = tuple(self._tree.references)
        self.unit = unit_of(self._tree.root, self.references)
        self._run = _compiled(self._tree.root)

    # -- of instants --------------------------------------------------------------------

    def at(self, values: Sequence[Value | None]) -> Answer:
        """The value of now; `values` are those of the references."""
        if None in values:
            return Answer(None, MISSING)
        try:
            value = self._run(values)
            if isinstance(value, str):
                return Answer(value)
            if isfinite(value):
                return Answer(float(value) if isinstance(value, bool) else value)
        except ZeroDivisionError:
            return Answer(None, DIVIDED_BY_ZERO)
        except (TypeError, OverflowError):  # a text in arithmetic; more than a float holds
            return Answer(None, NOT_A_NUMBER)
        return Answer(None, NOT_FINITE)

    def instantaneous(self) -> Expression:
        """Itself, if every part is a number of an instant. Raises ExpressionError."""
        for reference, column in self._tree.references.items():
            if reference.kind != GAUGE:
                message = f"{reference} is a {reference.kind} and has no number of an instant"
                raise ExpressionError(message, column, "Use a gauge, such as active_power.")
        return self

    def rate(self) -> Expression:
        """Itself, if it can be a price per unit: a plain number of an instant."""
        unit = self.instantaneous().unit
        if unit is not None and unit.dimension not in {"", "ratio", "count"}:
            message = f"this is in {unit.name}, and a rate is a plain number"
            raise ExpressionError(message, self._tree.root.column, "Divide it by a quantity.")
        return self

    def factor_to(self, wanted: str, declared: str = "") -> Fraction:
        """What a result is multiplied by to be in the unit `wanted`.

        declared: the unit of a result that has none of its own, else it is `wanted`. Raises
        ExpressionError if the result measures something else.
        """
        if wanted not in UNITS:
            return Fraction(1)
        unit, target = self.unit or PLAIN, UNITS[wanted]
        if unit is PLAIN:
            unit = UNITS.get(declared, target)
        if unit.dimension != target.dimension:
            message = f"the result is in {unit.name}, and {wanted} is wanted"
            raise ExpressionError(message, self._tree.root.column, "Use other quantities.")
        return unit.factor / target.factor

    # -- of registers -------------------------------------------------------------------

    def linear(self) -> tuple[Term, ...]:
        """The terms whose sum it is. Raises ExpressionError if it is none of registers."""
        return terms(self._tree)


def rate_of(value: float) -> Decimal:
    """A rate that was calculated as the decimal it stands for: nine places."""
    return Decimal(repr(round(value, RATE_PLACES)))


def _compiled(root: Node) -> Callable[[Sequence[Any]], Any]:
    """A function of the values, from source that is made of our own tree alone."""
    names = {"__builtins__": {}, "min": min, "max": max, "abs": abs}
    code = compile(f"lambda v: {_code(root)}", "<expression>", "eval")
    run: Callable[[Sequence[Any]], Any] = eval(code, names)  # noqa: S307 - no text gets here
    return run


def _code(node: Node) -> str:
    if node.op == "number":
        return repr(float(node.number))
    if node.op == "reference":
        return f"v[{node.reference}]"
    parts = [_code(part) for part in node.parts]
    if node.op in _CODE_OF_MANY:
        head, between = _CODE_OF_MANY[node.op]
        return f"{head}{between.join(parts)})"
    return _CODE[node.op].format(*parts)
