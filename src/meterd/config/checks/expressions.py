"""Expressions: what they name is there, fits together, and can be what it is written for."""

from __future__ import annotations

from collections.abc import Callable

from meterd.config.checks.survey import Survey
from meterd.config.compile_meter import unit_of
from meterd.config.findings import Path
from meterd.config.meters import MeterConfig
from meterd.metering.expression import Expression
from meterd.metering.operands import ExpressionError
from meterd.metering.virtuals import cycle
from meterd.units import canonical_unit


def check_expression(
    survey: Survey, path: Path, text: str, use: Callable[[Expression], object]
) -> Expression | None:
    """The expression at a path, None if it is wrong. use: what it is to be; it may raise.

    One that names a meter with mistakes is not blamed for them.
    """
    try:
        expression = Expression(text, survey.known, survey.report.guess)
        use(expression)
    except ExpressionError as error:
        doubtful = survey.meter_names - survey.known.keys()
        if not any(name in text for name in doubtful):
            survey.report.error(path, f"column {error.column}: {error.message}", error.remedy)
        return None
    return expression


def check_virtual(survey: Survey) -> None:
    """The expressions of every virtual meter, and that none is made of itself."""
    parts: dict[str, list[str]] = {}
    for index, meter in enumerate(survey.config.meters):
        named = parts.setdefault(meter.name, [])
        for quantity, point in meter.points.items() if meter.protocol == "virtual" else ():
            path: Path = ("meters", index, "points", quantity, "expression")
            if point.expression is not None:
                use = _use(meter, quantity)
                expression = check_expression(survey, path, point.expression, use)
                named += [one.meter for one in expression.references] if expression else []
    loop = cycle(parts)
    if loop:
        path = ("meters", survey.meters[loop[0]], "points")
        message = f"a loop: {' is made of '.join(loop)}"
        survey.report.error(path, message, "No meter is made of itself.")


def _use(meter: MeterConfig, quantity: str) -> Callable[[Expression], object]:
    """What an expression has to be for a quantity: a sum of registers, or a gauge."""
    declared = unit_of(meter, quantity)
    wanted = canonical_unit(quantity) or declared

    def use(expression: Expression) -> object:
        if quantity in meter.counters:
            return expression.linear(), expression.factor_to(wanted)
        return expression.instantaneous().factor_to(wanted, declared)

    return use
