"""The values of now that an expression takes, from the meters as they stand."""

from __future__ import annotations

from collections.abc import Mapping

from meterd.events import GOOD
from meterd.metering.expression import Answer, Expression, Value
from meterd.metering.meter import Meter
from meterd.metering.operands import REGISTER, Reference, catalogue


class Present:
    """Every meter's newest values. A meter that is silent has none.

    known: what expressions may name.
    """

    def __init__(self, meters: Mapping[str, Meter]) -> None:
        self.known = catalogue(meter.spec for meter in meters.values())
        self._meters = meters

    def silent(self, names: tuple[str, ...]) -> str:
        """The first of these meters that does not answer, "" if all do."""
        return next((name for name in names if not self._meters[name].state.online), "")

    def quality(self, names: tuple[str, ...]) -> str:
        """That of the values of these meters: good only if all of them are."""
        found = (self._meters[name].state.quality for name in names)
        return next((quality for quality in found if quality != GOOD), GOOD)

    def answer(self, expression: Expression) -> Answer:
        """The value of an expression now."""
        return expression.at([self._value(reference) for reference in expression.references])

    def _value(self, reference: Reference) -> Value | None:
        meter = self._meters[reference.meter]
        if not meter.state.online:
            return None
        if reference.kind == REGISTER:
            total = meter.totals().get(reference.quantity)
            return None if total is None else reference.value_of(total)
        text = meter.state.texts.get(reference.quantity)
        return meter.state.gauges.get(reference.quantity) if text is None else text
