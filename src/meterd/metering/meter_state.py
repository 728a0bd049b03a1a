"""Everything about a meter that a restart resumes from."""

from __future__ import annotations

import msgspec

from meterd.events import GOOD
from meterd.metering.consumption import ConsumptionState
from meterd.metering.demand import DemandState
from meterd.metering.integrate import PowerState
from meterd.metering.interval import TrackState
from meterd.metering.peaks import PeaksState
from meterd.metering.register import RegisterState


class MeterState(msgspec.Struct, array_like=True, gc=False):
    """A meter as it stands.

    Written down at every commit, so without the names of its fields, here and in all it
    holds: a field may be added at the end, with a default, and none may leave or move.
    """

    at_ms: int | None = None
    mono_ms: int = 0
    boot: str = ""
    online: bool = False
    quality: str = GOOD
    gauges: dict[str, float] = {}
    texts: dict[str, str] = {}
    refused: tuple[str, ...] = ()
    main: str = ""
    uptime_s: float | None = None
    uptime_at_ms: int = 0
    registers: dict[str, RegisterState] = {}
    powers: dict[str, PowerState] = {}
    tracks: dict[str, TrackState] = {}
    consumption: ConsumptionState = msgspec.field(default_factory=ConsumptionState)
    demand: DemandState | None = None
    peaks: PeaksState = msgspec.field(default_factory=PeaksState)
