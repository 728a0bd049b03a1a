"""The highest demand: ever, and in the month of its window; ties go to the first."""

from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.demand import Peak
from meterd.metering.peaks import Peaks, PeaksState

QUARTER = 900_000
BERLIN = Calendar("Europe/Berlin")


def window(start: str, amount: int, reactive: int = 0) -> Peak:
    start_ms = parse_iso(start)
    return Peak(start_ms, start_ms + QUARTER, amount, reactive)


def seen(*windows: Peak) -> PeaksState:
    peaks = Peaks(PeaksState(), BERLIN)
    for peak in windows:
        peaks.see(peak)
    return peaks.state


def test_the_highest_window_is_kept_and_ties_go_to_the_first() -> None:
    windows = [
        window(f"2026-01-10T1{hour}:00:00Z", amount) for hour, amount in enumerate([5, 9, 9, 7])
    ]
    assert seen(*windows).ever == seen(*windows).month == windows[1]


def test_a_new_month_starts_anew_at_the_sites_own_midnight() -> None:
    january = window("2026-01-31T22:45:00Z", 9)  # a quarter to midnight in Berlin
    february = window("2026-01-31T23:00:00Z", 2)
    state = seen(january, february)
    assert state.ever == january
    assert state.month == february
    assert state.month_end_ms == parse_iso("2026-02-28T23:00:00Z")


def test_a_month_without_a_window_is_passed_over() -> None:
    assert seen(window("2026-01-10T10:00:00Z", 9), window("2026-03-10T10:00:00Z", 1)).month == (
        window("2026-03-10T10:00:00Z", 1)
    )


def test_apparent_demand_is_compared_as_apparent() -> None:
    active, apparent = window("2026-01-10T10:00:00Z", 9), window("2026-01-10T11:00:00Z", 6, 8)
    assert seen(active, apparent).ever == apparent
