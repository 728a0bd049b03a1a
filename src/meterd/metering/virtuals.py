"""Every virtual meter of a site: which of them a meter is a part of, and in which order.

A virtual meter may be a part of another; one that is its own part, however far round, is an
error of the configuration (`cycle`). Parts come before what is made of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from meterd.metering.meter import Meter
from meterd.metering.present import Present
from meterd.metering.setting import NEVER_MS, Setting
from meterd.metering.virtual import Virtual, VirtualState

Graph = Mapping[str, Collection[str]]
"""Virtual meter -> the meters it names."""


def cycle(graph: Graph) -> list[str]:
    """A loop among virtual meters, the first again at its end; none is empty."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        loop: list[str] = error.args[1]
        return loop[::-1]
    return []


class Virtuals:
    """The virtual meters that are evaluated, in order."""

    def __init__(
        self,
        meters: Iterable[Meter],
        states: Mapping[str, VirtualState],
        present: Present,
        setting: Setting,
    ) -> None:
        """meters: those that are evaluated. states: by name."""
        made = {}
        for meter in meters:
            name = meter.spec.name
            made[name] = Virtual(meter, states.get(name) or VirtualState(), present, setting)
        order = TopologicalSorter({name: one.parts for name, one in made.items()}).static_order()
        self.by_name = {name: made[name] for name in order if name in made}
        self._of: dict[str, list[Virtual]] = {}
        self._above: dict[str, dict[str, Virtual]] = {}
        for name, one in reversed(self.by_name.items()):
            above = {name: one, **self._above.get(name, {})}
            for part in one.parts:
                self._of.setdefault(part, []).insert(0, one)
                self._above.setdefault(part, {}).update(above)

    def hear(self, part: Meter, now_ms: int) -> None:
        """A meter was read: the virtual meters, however far above it, are to look."""
        for one in self._above.get(part.spec.name, {}).values():
            one.hear(part, now_ms)

    def miss(self, part: str, at_ms: int, now_ms: int) -> None:
        """A meter has gone off line: they are to look as well."""
        for one in self._above.get(part, {}).values():
            one.miss(at_ms, now_ms)

    def book(self, part: Meter) -> Iterator[Virtual]:
        """A meter has counted; the virtual meters that have taken it, one by one."""
        for one in self._of.get(part.spec.name, ()) if part.bookings else ():
            if one.book(part.bookings):
                yield one

    def due_ms(self) -> int:
        """When the next of them is to look."""
        return min((one.due_ms() for one in self.by_name.values()), default=NEVER_MS)

    def due(self, now_ms: int) -> Iterator[Virtual]:
        """Those that are to look by now, parts first."""
        for one in self.by_name.values():
            if one.due_ms() <= now_ms:
                yield one
