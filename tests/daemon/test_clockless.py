"""A clock of 1970 is not believed, and is waited for; any other one is taken as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.system.notified import Notified

from meterd.daemon.clockless import FIRST_MS, until_set

NOTIFIED = "waiting for the host's clock to be set: it says 1970-01-01T00:00:30"


class Set:
    """A clock that says 1970 until it has been slept by so often."""

    boot = "test"

    def __init__(self, sleeps: int) -> None:
        self.sleeps = sleeps

    def now_ms(self) -> int:
        return 30_000 if self.sleeps else FIRST_MS

    def mono_ms(self) -> int:
        return 0

    async def sleep_until(self, mono_ms: int) -> None:
        assert mono_ms > 0
        self.sleeps -= 1


async def test_a_clock_that_is_set_is_not_waited_for() -> None:
    with capture_logs() as said:
        await until_set(Set(0), {})
    assert said == []


@pytest.mark.parametrize("sleeps", [1, 200])
async def test_i4_a_clock_of_1970_is_waited_for_and_systemd_is_told(
    sleeps: int, tmp_path: Path
) -> None:
    systemd = Notified(tmp_path / "notify")
    clock = Set(sleeps)
    with capture_logs() as said:
        await until_set(clock, {"NOTIFY_SOCKET": str(systemd.path)})
    assert clock.sleeps == 0
    assert [line["event"] for line in said] == [
        "The host's clock is not set; nothing is read until it is.",
        "The host's clock is set.",
    ]
    assert systemd.said("EXTEND_TIMEOUT_USEC=60000000")
    assert any(line.startswith(f"STATUS={NOTIFIED}") for line in systemd.lines)
    systemd.close()
