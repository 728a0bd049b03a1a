"""The unit of an expression, and the error where units are mixed.

What is added, compared or chosen between has one unit; a plain number fits any, and so does
a quantity whose unit nobody knows. A product or quotient of two quantities is a quantity of
its own, whose unit nobody knows; a quotient of equals is a plain number.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from meterd.metering.grammar import Node
from meterd.metering.operands import ExpressionError, Reference
from meterd.units import UNITS, Unit

PLAIN: Final = Unit("", "", Fraction(1))
"""The unit of a plain number."""
_YES_OR_NO: Final = frozenset({"<", "<=", ">", ">=", "==", "!=", "not"})


def unit_of(node: Node, references: Sequence[Reference]) -> Unit | None:
    """The unit of a part, None if nobody knows it. Raises ExpressionError for a mixture."""
    if node.op == "number":
        return PLAIN
    if node.op == "reference":
        return UNITS.get(references[node.reference].unit)
    units = [unit_of(part, references) for part in node.parts]
    if node.op == "*":
        return _product(*units)
    if node.op == "/":
        return _quotient(*units)
    first = int(node.op == "if")  # a condition is no part of the value
    shared = _shared(node.parts[first:], units[first:])
    return PLAIN if node.op in _YES_OR_NO else shared


def _product(left: Unit | None, right: Unit | None) -> Unit | None:
    if left is PLAIN:
        return right
    return left if right is PLAIN else None


def _quotient(left: Unit | None, right: Unit | None) -> Unit | None:
    if right is PLAIN:
        return left
    return PLAIN if left and right and _same(left, right) else None


def _same(one: Unit, other: Unit) -> bool:
    return (one.dimension, one.factor) == (other.dimension, other.factor)


def _shared(parts: Sequence[Node], units: Sequence[Unit | None]) -> Unit | None:
    """The one unit of all parts, None if it is not known."""
    shared: Unit | None = PLAIN
    for part, unit in zip(parts, units, strict=True):
        if unit is PLAIN:
            continue
        if shared is PLAIN or shared is None:
            shared = unit
        elif unit is not None and not _same(shared, unit):
            message = f"{shared.name} and {unit.name} are mixed"
            remedy = "Combine what is in one unit; only a plain number fits any."
            raise ExpressionError(message, part.column, remedy)
    return shared
