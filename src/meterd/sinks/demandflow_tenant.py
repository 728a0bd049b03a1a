"""A tenant: its definition, its objects, and what became of each request about one.

Both are read at the start, every hour, and when an answer shows that they may have changed.
An object is a meter's if it has its name. What the tenant refuses is said once, and is left
out until the definition is read again after an hour, or is found to be another.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from urllib.parse import quote

import structlog

from meterd.clock import Clock
from meterd.shapes.meters import ENTITY
from meterd.sinks.demandflow_client import Answer, DemandFlowOptions
from meterd.sinks.demandflow_definition import WrongBodyError, decoded, rows, targets
from meterd.sinks.demandflow_fields import HEAD, TOLD, Plan, new_object, plan_of, shipped
from meterd.sinks.demandflow_line import (
    CREATE,
    GONE,
    INVALID,
    READ,
    RETRY_MS,
    WRITE,
    Line,
)
from meterd.sinks.demandflow_twins import Once, Refusals, Twin
from meterd.specs import SiteSpec
from meterd.views import MeterView

log = structlog.get_logger()

REREAD_MS: Final = 3_600_000
"""How often the definition and the list are read without a cause."""

REREAD_SOON_MS: Final = 60_000
"""With a cause, not more often than this."""

FAILURES_SAID: Final = 3
"""So many failures in a row of one object are told of; fewer are nobody's business."""

DEFINITION: Final = f"/v1/objects/{ENTITY}?entity=DEFINITION"
OBJECTS: Final = f"/v1/entities/{ENTITY}/SUB"


class Tenant:
    """What we know of it.

    plan: None before the definition was read. twins: by meter. read_ms: when to read again
    (monotonic). refused: requests about one object that were not carried out.
    """

    def __init__(self, options: DemandFlowOptions, clock: Clock, line: Line) -> None:
        self.plan: Plan | None = None
        self.twins: dict[str, Twin] = {}
        self.read_ms = 0
        self.refused = 0
        self._options = options
        self._clock = clock
        self._line = line
        self._once = Once(options.name)
        self._refusals = Refusals()
        self._lift_ms = 0
        self._was_read_ms = 0

    def configure(self, site: SiteSpec) -> None:
        """Have a twin for every meter; those that stay keep what they know."""
        before, self.twins = self.twins, {}
        for spec in site.meters:
            twin = self.twins[spec.name] = before.get(spec.name) or Twin(spec)
            twin.spec = spec
        if self.twins.keys() - before.keys():
            self.read_ms = 0

    # -- reading -----------------------------------------------------------------------

    async def read(self) -> None:
        """Read the definition and the objects, or say why not and when to try again."""
        plan = await self._read_plan()
        found = None if plan is None else await self._read_rows()
        now_ms = self._was_read_ms = self._clock.mono_ms()
        if plan is None or found is None:
            self.read_ms = max(now_ms, self._line.hold_ms)
            if self.plan is not None:  # go on with what we know in the meantime
                self.read_ms += self._options.min_interval_ms
            return
        self._line.well(READ)
        self._adopt_plan(plan, now_ms)
        self._adopt_rows(plan, found)
        self.read_ms = min(now_ms + REREAD_MS, self._lift_ms)

    async def _read_plan(self) -> Plan | None:
        answer = await self._line.ask(READ, "GET", DEFINITION)
        try:
            found = targets(decoded(answer.body)) if answer.fine else []
        except WrongBodyError as error:
            self._line.fail(READ, "failing", f"the definition: {error}")
            return None
        plan = plan_of(found)
        if not plan.targets.keys().isdisjoint(TOLD):
            return plan
        return shipped() if answer.fine or answer.status in GONE else None

    async def _read_rows(self) -> list[dict[str, Any]] | None:
        answer = await self._line.ask(READ, "GET", OBJECTS)
        if not answer.fine:
            if answer.status in GONE:
                self._line.fail(READ, "failing", f"the list: {answer.status}: {answer.said}")
            return None
        try:
            return rows(answer.body)
        except WrongBodyError as error:
            self._line.fail(READ, "failing", f"the list: {error}")
            return None

    def _adopt_plan(self, plan: Plan, now_ms: int) -> None:
        changed = plan != self.plan
        if changed or now_ms >= self._lift_ms:
            self._refusals.lift(self.twins.values())
            self._lift_ms = now_ms + REREAD_MS
        if not changed:
            return
        if self.plan is not None:
            self._once.forget()
        self.plan = plan
        if plan.assumed:
            sentence = "DemandFlow shows no definition; the shipped one is assumed."
            self._once.say(sentence, ENTITY)
        if plan.removed:
            sink = self._options.name
            log.info("DemandFlow lacks fields of ours.", sink=sink, fields=plan.removed)
        for name, kind in plan.unfit.items():
            sentence = "DemandFlow has a field with a type that does not fit; it is not sent."
            self._once.say(sentence, name, field=name, type=kind)

    def _adopt_rows(self, plan: Plan, found: list[dict[str, Any]]) -> None:
        """Find each meter's object, and take what it has for what the tenant knows."""
        by_name: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in found:
            if isinstance(row.get("id"), str) and isinstance(row.get(plan.name_key), str):
                by_name[row[plan.name_key]].append(row)
        for name, twin in self.twins.items():
            alike = by_name.get(name, [])
            if len(alike) == 1:
                twin.is_object(alike[0], plan)
                self._once.over(name)
                continue
            twin.has_none(absent=not alike)
            if alike:
                sentence = "DemandFlow has several objects of a meter's name; none is written."
                self._once.say(sentence, name, meter=name, objects=len(alike))
            elif not self._options.create:
                sentence = "DemandFlow has no object of a meter's name; set `create: true`."
                self._once.say(sentence, name, meter=name)

    def _read_soon(self) -> None:
        soon_ms = max(self._clock.mono_ms(), self._was_read_ms + REREAD_SOON_MS)
        self.read_ms = min(self.read_ms, soon_ms)

    # -- writing -----------------------------------------------------------------------

    def news(self, twin: Twin, view: MeterView) -> dict[str, Any]:
        """What of a view is to be told, empty if nothing."""
        assert self.plan is not None, "objects are known only once the definition is"
        plan = self.plan.without(self._refusals.keys)
        body = twin.news(view, plan, self._options.dead_band)
        if not body:
            twin.portion = 0
        return body

    async def patch(self, twin: Twin, body: dict[str, Any]) -> bool:
        """Write these values. False if they, or what did not fit beside them, are still to tell."""
        assert twin.object_id is not None, "there is no object to write"
        path = f"/v1/objects/{quote(twin.object_id, safe='')}"
        answer = await self._line.ask(WRITE, "PATCH", path, body)
        now_ms = self._clock.mono_ms()
        if answer.fine:
            twin.known |= body
            twin.failures = 0
            twin.due_ms = now_ms + (RETRY_MS if twin.portion else self._options.min_interval_ms)
            return not twin.portion
        self.refused += answer.status > 0
        if answer.status in INVALID:
            self._say_refused(self._refusals.weigh(twin, body, answer), answer)
            twin.due_ms = now_ms + RETRY_MS
            self._read_soon()
            return False
        self._put_off(twin)
        if answer.status in GONE:
            twin.has_none(absent=False)
            self._read_soon()
        else:
            twin.unsure(body)
        if twin.failures == FAILURES_SAID and not self._line.trouble:
            sentence, meter = "DemandFlow does not take a meter's values.", twin.spec.name
            log.warning(sentence, sink=self._options.name, meter=meter, reason=answer.said)
        return False

    async def create(self, twin: Twin) -> None:
        """Make the object that is missing. After any doubt the list is read before another try."""
        assert self.plan is not None, "absence is known only once the definition is"
        plan, name = self.plan.without(self._refusals.keys), twin.spec.name
        general = {**twin.spec.general, "name": name}
        body, missing = new_object(general, plan, self._options.sub_id)
        twin.absent = False
        if missing:
            sentence = "DemandFlow requires fields that a meter lacks; its object is not created."
            self._once.say(sentence, name, meter=name, fields=missing)
            return
        answer = await self._line.ask(CREATE, "POST", "/v1/objects", body)
        if answer.fine and (row := _created(answer)) is not None:
            twin.is_object(row, plan)
            twin.failures = 0
            log.info("DemandFlow object created.", sink=self._options.name, meter=name)
            return
        self.refused += answer.status > 0
        self._put_off(twin)
        self._read_soon()
        if answer.status in INVALID:
            optional = {key: body[key] for key in body.keys() - {*HEAD, *plan.required}}
            named = self._refusals.named(optional, answer)
            self._say_refused(named, answer)
            if not named:
                sentence = "DemandFlow does not take a meter's new object."
                self._once.say(sentence, name, meter=name, reason=answer.said)
                twin.due_ms = self._clock.mono_ms() + REREAD_MS

    def _put_off(self, twin: Twin) -> None:
        """Later, and after every failure in a row later still."""
        twin.failures += 1
        twin.due_ms = self._line.later_ms(twin.failures)

    def _say_refused(self, keys: list[str], answer: Answer) -> None:
        for key in keys:
            sentence = "DemandFlow does not take a field; it is left out."
            self._once.say(sentence, key, field=key, reason=answer.said)


def _created(answer: Answer) -> dict[str, Any] | None:
    """The new object; None if the answer shows none."""
    try:
        row = decoded(answer.body)
    except WrongBodyError:
        return None
    return row if isinstance(row, dict) and isinstance(row.get("id"), str) else None
