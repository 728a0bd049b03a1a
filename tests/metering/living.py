"""What the tests of a meter share: a site in Berlin, meters, and readings at minutes."""

from typing import Any

from meterd.events import Event, Output, Reading
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.journal import Journal
from meterd.metering.meter import Meter
from meterd.metering.meter_state import MeterState
from meterd.specs import MeterSpec, RegisterSpec

KWH = 3_600_000
MINUTE = 60_000
FIVE = 5 * MINUTE
NOON = parse_iso("2026-01-10T12:00:00Z")
BERLIN = Calendar("Europe/Berlin")


def register(quantity: str = "energy_import", **more: Any) -> RegisterSpec:
    """One count is a kilowatt-hour, the ceiling a hundred kilowatts."""
    return RegisterSpec(quantity, **{"count": KWH, "per_hour": 100 * KWH, **more})


def spec(*registers: RegisterSpec, **more: Any) -> MeterSpec:
    """A meter of these counters."""
    return MeterSpec("m", registers=registers, **more)


class Living:
    """A meter under way, with its journal."""

    def __init__(self, meter: MeterSpec, state: MeterState | None = None) -> None:
        self.journal = Journal(str)
        self.meter = Meter(meter, BERLIN, FIVE, state or MeterState())

    def read(self, minute: float, kwh: float | None = None, **more: Any) -> None:
        """A reading so many minutes after noon. gauges: by keyword; see `Reading` for the rest."""
        facts = {name: more.pop(name) for name in set(more) & set(Reading.__struct_fields__)}
        registers = {} if kwh is None else {"energy_import": round(kwh * KWH)}
        facts.setdefault("registers", registers)
        at_ms = facts.pop("at_ms", NOON + round(minute * MINUTE))
        self.meter.feed(Reading("m", at_ms, gauges=more, **facts), self.journal)

    def told(self) -> list[str]:
        """The kinds of the events since it was last asked."""
        return kinds(self.journal.take())

    def booked(self) -> float:
        """Kilowatt-hours booked by the last reading."""
        return sum(booking.amount for booking in self.meter.bookings) / KWH


def kinds(outputs: list[Output]) -> list[str]:
    """The kinds of the events among outputs."""
    return [output.kind for output in outputs if isinstance(output, Event)]
