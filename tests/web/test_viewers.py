"""Those who watch: bounded, told once, and let go when they are slow."""

from __future__ import annotations

import msgspec
import pytest
from tests.web.house import BILL_VIEW, MAIN_VIEW, event

from meterd.web.viewers import FRAMES_MAX, VIEWERS_MAX, Viewers, frame


def told(body: bytes) -> list[tuple[str, dict[str, object]]]:
    """(event, data) of every frame."""
    parts = [part.split(b"\n") for part in body.strip().split(b"\n\n")]
    return [(name[7:].decode(), msgspec.json.decode(data[6:])) for name, data, *_ in parts]


def test_a_frame_tells_of_meters_bills_and_events() -> None:
    (first, meter), (second, bill), (third, happened) = told(
        frame([MAIN_VIEW], [BILL_VIEW], [event(1)])
    )
    assert (first, second, third) == ("meter", "bill", "event")
    assert (meter["name"], meter["currentKw"], meter["availability"]) == ("main", 1.5, "online")
    assert meter["time"] == "2026-01-01T12:00:00Z"
    assert bill["name"] == "tenant-a"
    assert happened["kind"] == "rollover"


def test_nobody_looks_and_nothing_is_kept() -> None:
    viewers = Viewers()
    viewers.tell([event(1)], [MAIN_VIEW], [])
    assert (viewers.waiting, viewers.facts([event(1)], 1, "epoch")) == (0, [])


def test_everybody_gets_the_same_and_nothing_is_no_frame() -> None:
    viewers = Viewers()
    first, second = viewers.join(), viewers.join()
    viewers.tell([], [MAIN_VIEW], [])
    viewers.tell([], [], [])
    assert (first.qsize(), second.qsize()) == (1, 1)
    assert first.get_nowait() is second.get_nowait()
    viewers.leave(second)
    viewers.tell([], [MAIN_VIEW], [])
    assert (first.qsize(), second.qsize(), viewers.waiting) == (1, 0, 1)


def test_a_slow_viewer_is_let_go_and_counted() -> None:
    viewers = Viewers()
    slow = viewers.join()
    for _ in range(FRAMES_MAX + 3):
        viewers.tell([], [MAIN_VIEW], [])
    assert (viewers.dropped, viewers.waiting, slow.qsize()) == (1, 0, FRAMES_MAX + 1)
    assert [slow.get_nowait() for _ in range(FRAMES_MAX + 1)][-1] is None


@pytest.mark.parametrize("frames", [0, FRAMES_MAX + 1])
async def test_at_the_end_everybody_is_let_go(frames: int) -> None:
    viewers = Viewers()
    queue = viewers.join()
    for _ in range(frames):
        queue.put_nowait(b"")
    await viewers.close()
    await viewers.run()
    assert (viewers.full, viewers.waiting) == (False, 0)
    assert frames or queue.get_nowait() is None


def test_there_is_an_end_to_room() -> None:
    viewers = Viewers()
    for _ in range(VIEWERS_MAX):
        viewers.join()
    assert viewers.full
