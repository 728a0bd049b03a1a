"""An expression over registers as the sum of its terms: coefficient x what a register counted.

Totals are never combined, only what was counted over the same time, so an expression must be
linear in registers; a constant has no part in what was counted.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from meterd.metering.grammar import Node, Tree
from meterd.metering.operands import REGISTER, ExpressionError
from meterd.specs import Term

__all__ = ["Form", "Term", "portion", "terms"]

Form = Fraction | dict[int, Fraction]
"""A plain number, or index of a reference -> its coefficient."""


def terms(tree: Tree) -> tuple[Term, ...]:
    """The terms, without those that cancel out. Raises ExpressionError if it is no such sum."""
    for reference, column in tree.references.items():
        if reference.kind != REGISTER:
            message = f"{reference} is a {reference.kind} and counts nothing"
            raise ExpressionError(message, column, "Use a counter, such as energy_import.")
    form, references = _form(tree.root), list(tree.references)
    found = tuple(
        Term(coefficient, references[index].meter, references[index].quantity)
        for index, coefficient in (form.items() if isinstance(form, dict) else ())
        if coefficient
    )
    if not found:
        message = "no counter has a part in it"
        raise ExpressionError(message, tree.root.column, "Name one, as in main.energy_import.")
    return found


def portion(coefficient: Fraction, amount: int, carry: int) -> tuple[int, int]:
    """(whole base units, carry) of a term's share in an amount; nothing is lost between two.

    carry: what the last call left over, in parts of one by the coefficient's denominator;
    0 at first.
    """
    return divmod(coefficient.numerator * amount + carry, coefficient.denominator)


def _form(node: Node) -> Form:
    """A part as a sum of terms. Raises ExpressionError where it is none."""
    if node.op == "number":
        return node.number
    if node.op == "reference":
        return {node.reference: Fraction(1)}
    combine = _COMBINE.get(node.op)
    if combine is None:
        message = f'"{node.op}" of counters is not what they counted'
        raise ExpressionError(message, node.column, "Add them, or scale them by a number.")
    return combine(node, *map(_form, node.parts))


def _sum(node: Node, left: Form, right: Form) -> Form:
    if isinstance(left, dict) and isinstance(right, dict):
        zero = Fraction(0)
        return {key: left.get(key, zero) + right.get(key, zero) for key in {**left, **right}}
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left + right
    constant = node.parts[isinstance(right, Fraction)]
    message = "a constant has no part in what was counted"
    raise ExpressionError(message, constant.column, "Take it out.")


def _difference(node: Node, left: Form, right: Form) -> Form:
    return _sum(node, left, _scaled(right, Fraction(-1)))


def _scaled(form: Form, by: Fraction) -> Form:
    if isinstance(form, Fraction):
        return form * by
    return {key: coefficient * by for key, coefficient in form.items()}


def _product(node: Node, left: Form, right: Form) -> Form:
    if isinstance(right, Fraction):
        return _scaled(left, right)
    if isinstance(left, Fraction):
        return _scaled(right, left)
    message = "a product of two counters is not what they counted"
    raise ExpressionError(message, node.parts[1].column, "Scale a counter by a number.")


def _quotient(node: Node, left: Form, right: Form) -> Form:
    if not isinstance(right, Fraction):
        message = "what a counter divides is not what was counted"
        raise ExpressionError(message, node.parts[1].column, "Divide a counter by a number.")
    if not right:
        raise ExpressionError("a division by zero", node.parts[1].column, "Divide by another.")
    return _scaled(left, 1 / right)


_COMBINE: Final[dict[str, Callable[..., Form]]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "neg": lambda _node, form: _scaled(form, Fraction(-1)),
}
