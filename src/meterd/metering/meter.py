"""A metering point: its registers, its power, its intervals and its consumption.

`feed` is the first stage of the pipeline: a reading goes in; what the registers book and
the intervals that close come out, for the records and the bills.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from meterd.events import (
    ESTIMATED,
    GOOD,
    INTEGRATED,
    MEASURED,
    AvailabilityChanged,
    Booking,
    Interval,
    PollFailed,
    Reading,
)
from meterd.metering.calendar import Calendar
from meterd.metering.clocks import boot
from meterd.metering.consumption import Consumption
from meterd.metering.counter import FAULTED_READINGS, Counter
from meterd.metering.demand import Demand
from meterd.metering.facts import SERIAL, note_evidence, note_facts
from meterd.metering.interval import Key, Track, TrackState
from meterd.metering.journal import Journal
from meterd.metering.meter_state import MeterState
from meterd.metering.parts import SKIPPED
from meterd.metering.peaks import Peaks
from meterd.metering.powers import Powers, believed
from meterd.metering.register import READ_FAILED, Mark, RegisterState
from meterd.metering.replacement import replace_device
from meterd.metering.unit_change import judged
from meterd.orders import ReplacementOrdered
from meterd.specs import MeterSpec
from meterd.units import shown

STEP_MS: Final = 5_000
"""A wall clock that moves this much against the monotonic one was stepped."""


class Meter:
    """One meter. `bookings` and `intervals` hold what the last `feed` decided."""

    def __init__(
        self, spec: MeterSpec, calendar: Calendar, length_ms: int, state: MeterState
    ) -> None:
        self.spec = spec
        self.state = state
        self.bookings: list[Booking] = []
        self.intervals: list[Interval] = []
        self._calendar = calendar
        self._length_ms = length_ms
        self._counters = [
            (
                register.quantity,
                Counter(
                    spec.name,
                    register,
                    state.registers.setdefault(register.quantity, RegisterState()),
                ),
                self._track((register.quantity, MEASURED, "")),
            )
            for register in spec.registers
        ]
        self.registers = {quantity: counter for quantity, counter, _track in self._counters}
        self._powers = Powers(spec, state.powers, self._track)
        paid = (spec.cost_per_kwh, spec.currency)
        self.consumption = Consumption(state.consumption, calendar, *paid)
        followed = [track.key for _quantity, _counter, track in self._counters]
        self.main = self._settle_main([*followed, *(p.inward.key for p in self._powers.followed)])
        self.demand = Demand(spec.demand, calendar, state.demand)
        state.demand = self.demand.state
        self.peaks = Peaks(state.peaks, calendar)

    def _track(self, key: Key) -> Track:
        return Track(self.spec.name, key, self.state.tracks.setdefault("/".join(key), TrackState()))

    def _settle_main(self, tracks: Iterable[Key]) -> Key | None:
        """The strongest source of active energy: counter, then power, then V x A."""
        keys = [("energy_import", method, "") for method in (MEASURED, INTEGRATED, ESTIMATED)]
        main = next((key for key in keys if key in tracks), None)
        name = "" if main is None else "/".join(main)
        if self.state.main and name and self.state.main != name:
            track = self.state.tracks[name]
            self.consumption.rebase(track.total - track.amount)
        self.state.main = name or self.state.main
        return main

    # -- stage 1 ----------------------------------------------------------------------

    def feed(self, reading: Reading, journal: Journal) -> None:
        """Judge a reading: registers, power, then the values that are shown."""
        state = self.state
        self.bookings = []
        self.intervals = []
        if reading.boot != state.boot and not boot(state, reading):
            self._refuse(reading, journal)
            return
        if reading.entered_by:
            self._tell_entry(reading, journal)
        late = state.at_ms is not None and not self._is_newer(reading, journal)
        if not late:
            note_evidence(state, reading, [one.state for one in self.registers.values()])
        gauges, state.refused = believed(reading, self.spec, state.refused, journal)
        if reading.quality == GOOD:
            self._feed_registers(reading, journal)
            if not late:
                self._feed_powers(reading, gauges)
        if late:
            return
        state.at_ms, state.mono_ms = reading.at_ms, reading.mono_ms
        state.gauges, state.quality = gauges, reading.quality
        note_facts(state, reading)
        if not state.online:
            self._go(reading.at_ms, True, journal)

    def _refuse(self, reading: Reading, journal: Journal) -> None:
        for quantity, amount in reading.registers.items():
            before = Mark(amount, reading.at_ms)
            self.registers[quantity].complain("out_of_order", before, journal)

    def _is_newer(self, reading: Reading, journal: Journal) -> bool:
        """Whether this is the latest reading; notices a wall clock that was stepped."""
        state = self.state
        wall_ms = reading.at_ms - (state.at_ms or 0)
        if not (reading.mono_ms and state.mono_ms):
            return wall_ms > 0
        mono_ms = reading.mono_ms - state.mono_ms
        if abs(wall_ms - mono_ms) > STEP_MS and mono_ms > 0:
            step_s = (wall_ms - mono_ms) / 1000
            journal.event(reading.at_ms, "clock_stepped", self.spec.name, step_s=step_s)
            if wall_ms > mono_ms:
                self._jump(reading.at_ms - mono_ms)
        return mono_ms > 0

    def _jump(self, to_ms: int) -> None:
        for _quantity, counter, track in self._counters:
            counter.state.covered_ms = max(counter.state.covered_ms, to_ms)
            self._close(track, track.jump(to_ms, self._calendar, self._length_ms))
        for power in self._powers.followed:
            state = power.integrator.state
            state.covered_ms = max(state.covered_ms, to_ms)
            for track in (power.inward, power.outward):
                self._close(track, track.jump(to_ms, self._calendar, self._length_ms))

    def _feed_registers(self, reading: Reading, journal: Journal) -> None:
        registers, serial = reading.registers, reading.serial
        for quantity, counter, track in self._counters:
            amount = registers.get(quantity)
            if amount is None:
                if quantity in reading.missing:
                    counter.complain(READ_FAILED, self._mark(0, reading), journal)
                continue
            now = self._mark(amount, reading)
            if reading.age_ms > counter.spec.stale_after_ms:
                counter.complain("stale", now, journal)
                continue
            known = counter.state.serial
            if known and serial is not None and serial != known:
                bookings = counter.replace(serial, now, journal)
            else:
                counter.state.serial = known or serial or ""
                bookings = counter.observe(now, journal)
            for booking in judged(counter, bookings, journal):
                self._enter(track, booking)

    def _feed_powers(self, reading: Reading, gauges: dict[str, float]) -> None:
        for track, booking in self._powers.bookings(reading, gauges):
            if self.main is not None and track.key[1:] == self.main[1:]:
                self._enter(track, booking)
            else:
                self._cover(track, booking)

    def enter(self, counted: Iterable[Booking]) -> None:
        """What the registers of a virtual meter have counted (`virtual.py`)."""
        self.bookings, self.intervals = [], []
        tracks = {quantity: track for quantity, _counter, track in self._counters}
        for booking in counted:
            track = tracks[booking.quantity]
            if booking.event == SKIPPED:
                self._close(track, track.jump(booking.end_ms, self._calendar, self._length_ms))
            self._enter(track, booking)

    def _mark(self, amount: int, reading: Reading) -> Mark:
        return Mark(amount, reading.at_ms, reading.mono_ms)

    def _enter(self, track: Track, booking: Booking) -> None:
        self.bookings.append(booking)
        self._cover(track, booking)

    def _cover(self, track: Track, booking: Booking) -> None:
        closed = track.cover(booking, self._calendar, self._length_ms)
        if closed:
            self._close(track, closed)

    def _close(self, track: Track, closed: list[Interval]) -> None:
        self.intervals += closed
        if track.key == self.main:
            for interval in closed:
                self.consumption.close(interval)
                for peak in self.demand.add(interval):
                    self.peaks.see(peak)

    # -- what people tell -------------------------------------------------------------

    def _tell_entry(self, reading: Reading, journal: Journal) -> None:
        amounts = reading.registers.items()
        values = {q: shown(n, self.registers[q].spec.unit) for q, n in amounts}
        told: dict[str, Any] = {"actor": reading.entered_by, "values": values | reading.gauges}
        journal.event(reading.at_ms, "reading_entered", self.spec.name, **told)

    def replace(self, order: ReplacementOrdered, journal: Journal) -> None:
        """The device was replaced: one register of it, or all (`replacement.py`)."""
        self.bookings, self.intervals = [], []
        tracks = {quantity: track for quantity, _counter, track in self._counters}
        for booking in replace_device(self.spec.name, self.registers, order, journal):
            self._enter(tracks[booking.quantity], booking)
        if order.serial and order.serial in (c.state.serial for c in self.registers.values()):
            self.state.texts = {**self.state.texts, SERIAL: order.serial}

    # -- availability -----------------------------------------------------------------

    def fail(self, failed: PollFailed, journal: Journal) -> None:
        """The reader could not read it."""
        self.bookings = []
        self.intervals = []
        for counter in self.registers.values():
            counter.complain(READ_FAILED, Mark(0, failed.at_ms), journal)
        if failed.offline:
            self.leave(failed.at_ms, failed.reason, journal)

    def leave(self, at_ms: int, reason: str, journal: Journal) -> None:
        """It is off line from here on."""
        if self.state.online:
            self._go(at_ms, False, journal, reason=reason)

    def advance(self, now_ms: int, journal: Journal) -> None:
        """Silence for too long is being off line, also where nothing reports failures."""
        at_ms = self.state.at_ms
        if self.state.online and at_ms is not None:
            due_ms = at_ms + self.spec.silent_after_ms
            if now_ms > due_ms:
                self._go(due_ms, False, journal, reason="silent")

    def due_ms(self) -> int | None:
        """When `advance` next has something to do, if nothing is read until then."""
        at_ms = self.state.at_ms
        if not self.state.online or at_ms is None:
            return None
        return at_ms + self.spec.silent_after_ms + 1

    def _go(self, at_ms: int, online: bool, journal: Journal, **numbers: Any) -> None:
        self.state.online = online
        journal.write(AvailabilityChanged(self.spec.name, at_ms, online))
        if self.spec.status == "active":
            journal.event(at_ms, "online" if online else "offline", self.spec.name, **numbers)

    # -- what others ask --------------------------------------------------------------

    def totals(self) -> dict[str, int]:
        """Lifetime amount of every register (and of integrated energy where it is the main)."""
        sums = {
            quantity: counter.state.first + counter.state.booked
            for quantity, counter, _track in self._counters
            if counter.state.first is not None
        }
        if self.main is not None and self.main[1] != MEASURED:
            for quantity in ("energy_import", "energy_export"):
                track = self.state.tracks["/".join((quantity, *self.main[1:]))]
                if track.end_ms:
                    sums.setdefault(quantity, track.total)
        return sums

    def unbilled(self) -> dict[str, int]:
        """Per register, what is known to have been used and was not booked."""
        return {q: c.state.unbilled for q, c, _track in self._counters}

    def faulted(self) -> set[str]:
        """Registers whose last readings were refused so often that a record is FAULTED."""
        return {
            quantity
            for quantity, counter, _track in self._counters
            if counter.state.question is not None
            and counter.state.question.readings >= FAULTED_READINGS
        }
