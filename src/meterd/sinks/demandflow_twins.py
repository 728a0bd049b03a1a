"""Meters and their objects at DemandFlow: who is whose, and what each is known to have.

Nothing here talks; times are monotonic milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog

from meterd.sinks.demandflow_changes import changes, step_kwh
from meterd.sinks.demandflow_client import Answer
from meterd.sinks.demandflow_fields import Plan
from meterd.specs import MeterSpec
from meterd.views import MeterView

log = structlog.get_logger()

_SEARCHED_MAX: Final = 16 << 10
"""Bytes of a refusal that are searched for the names of fields."""


UNSURE: Final = object()
"""A value that the tenant may or may not have."""


class Twin:
    """One meter and its object.

    object_id: None while there is none that we may write. absent: there is none at all.
    known: what the tenant has, by its keys. due_ms: nothing is written before. failures: in
    a row. refused: keys that this object does not take. portion: at most so many fields in
    one request while a bad one is looked for, else 0.
    """

    def __init__(self, spec: MeterSpec) -> None:
        self.spec = spec
        self.object_id: str | None = None
        self.absent = False
        self.known: dict[str, Any] = {}
        self.due_ms = 0
        self.failures = 0
        self.refused: set[str] = set()
        self.portion = 0

    def is_object(self, row: Mapping[str, Any], plan: Plan) -> None:
        """This row is the meter's object, as the tenant has it now."""
        keys = (target.key for target in plan.targets.values())
        self.object_id, self.absent = str(row["id"]), False
        self.known = {key: row[key] for key in keys if row.get(key) is not None}

    def has_none(self, *, absent: bool) -> None:
        """There is no object to write, or not only one."""
        self.object_id, self.absent = None, absent
        self.known = {}

    def unsure(self, body: Mapping[str, Any]) -> None:
        """Nobody knows whether these values arrived: tell the next ones, whatever they are."""
        self.known.update(dict.fromkeys(body, UNSURE))

    def news(self, view: MeterView, plan: Plan, dead_band: float) -> dict[str, Any]:
        """The body of the next PATCH, empty if there is nothing to tell."""
        bands = dead_band, step_kwh(self.spec)
        found = changes(view.fields, self.known, plan.without(self.refused), bands)
        return dict(list(found.items())[: self.portion or None])


class Refusals:
    """Fields that the tenant does not take, until its definition is read again or changes.

    Most answers name the field, and then it is left out of every object. Where none is
    named the request is halved until one field stands alone, and that of this object only.
    """

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def lift(self, twins: Iterable[Twin]) -> None:
        """Offer everything again."""
        self.keys.clear()
        for twin in twins:
            twin.refused.clear()
            twin.portion = 0

    def named(self, body: Mapping[str, Any], answer: Answer) -> list[str]:
        """Leave out the keys of `body` that the answer names; which they are."""
        text = answer.body[:_SEARCHED_MAX].decode("utf-8", "replace")
        found = [key for key in body if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text)]
        if len(found) == len(body) > 1:  # it repeats what we sent, and says nothing
            return []
        self.keys.update(found)
        return found

    def weigh(self, twin: Twin, body: Mapping[str, Any], answer: Answer) -> list[str]:
        """What is left out after a refusal; perhaps nothing yet, but then less is sent at once."""
        found = self.named(body, answer)
        if not found and len(body) > 1:
            twin.portion = len(body) // 2
            return []
        twin.portion = 0
        if not found:
            twin.refused.update(body)
        return found or list(body)


class Once:
    """Says a thing once, until it has ceased to be so. Bounded by what there is to say it of."""

    def __init__(self, sink: str) -> None:
        self._sink = sink
        self._said: set[tuple[str, str]] = set()

    def say(self, sentence: str, thing: str, **fields: object) -> None:
        """A constant sentence about a thing; both make it new."""
        if (sentence, thing) not in self._said:
            self._said.add((sentence, thing))
            log.warning(sentence, sink=self._sink, **fields)

    def over(self, thing: str) -> None:
        """What was said of it is no longer so."""
        self._said = {said for said in self._said if said[1] != thing}

    def forget(self) -> None:
        """Everything is new."""
        self._said.clear()
