"""Whether the meters of a connection ask for more than all of its time.

A cycle that certainly does not fit is a finding of `plan` and a warning of `check` and `run`;
one that does not fit by estimate is only told (contract section 1, "Modbus lines").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from meterd.config.findings import WARNING, Finding
from meterd.config.links import Link, links
from meterd.config.load import Loaded
from meterd.readers.line import PlannedRequest
from meterd.readers.protocols import reader

SLOWER: Final = "Poll them less often, or raise the baud rate."


class Budget(NamedTuple):
    """The requests of one cycle of a connection, each with the share of its time that it takes.

    share: of all of them, certainly. estimate: most likely; both 0 where a line is no limit.
    """

    link: Link
    requests: tuple[tuple[PlannedRequest, float], ...]
    share: float
    estimate: float

    @property
    def fits(self) -> bool:
        """Whether nothing says that it does not."""
        return self.share <= 1

    def said(self) -> str:
        """What its meters ask for."""
        return f"its meters ask for {self.share:.0%} of the line's time"


def budgets(links_of: Iterable[Link]) -> list[Budget]:
    """One for each connection, in their order."""
    return [_budget(link) for link in links_of]


def _budget(link: Link) -> Budget:
    every_s = {device.meter: device.every_ms / 1000 for device in link.devices}
    planned: list[PlannedRequest] = reader(link.protocol).plan_cycle(link)
    requests = tuple((one, one.wire_s / every_s[one.meter]) for one in planned)
    least = sum(one.least_s / every_s[one.meter] for one in planned)
    return Budget(link, requests, least, sum(share for _one, share in requests))


def warnings(found: Loaded) -> list[Finding]:
    """A warning for each connection of a sound file whose cycle does not fit."""
    assert found.config is not None
    return [
        Finding(
            f"connections.{budget.link.name}",
            *found.places[budget.link.name],
            budget.said(),
            SLOWER,
            WARNING,
        )
        for budget in budgets(links(found.config))
        if not budget.fits
    ]
