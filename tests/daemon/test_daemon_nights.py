"""The night's maintenance, where the clock is set."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.test_daemon import NIGHT_MS, Hours, Place, maintained
from tests.system.devices import Device, Dial

from meterd.daemon.daemon import LOOK_MS


class SetBack(Hours):
    """A clock that is set back by five minutes after its second sleep."""

    async def sleep_until(self, mono_ms: int) -> None:
        await super().sleep_until(mono_ms)
        self.now -= 300_000 * (self.sleeps == 18)


async def test_a_clock_that_is_set_back_does_not_repeat_the_night(tmp_path: Path) -> None:
    device = Device(main=Dial())
    device.port = 502  # nothing is read
    place = Place(tmp_path, device)
    assert await maintained(place, SetBack(NIGHT_MS - LOOK_MS, 20)) == [NIGHT_MS]
    place.store.close()
