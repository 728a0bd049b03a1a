"""Every call of the storage fails once: the daemon goes on, or ends and starts, and loses nothing.

Every round commits, delivers and does the night's work. A full disk and a short write are waited
out by the same process; after a call that the disk could not do, whoever made it, the daemon
ends (exit code 74), and its next start finds everything.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.laws.disk import SHORT, Fault
from tests.laws.loop import run
from tests.laws.world import FEW, World, alive

pytestmark = pytest.mark.law
CALLS = 40
"""More than a commit of this plant, a delivery, a night and the checkpoint of a start need."""


async def fail_each(folder: Path, how: str, kind: str) -> World:
    world = World(folder, 1, frozenset({"night"}), FEW)
    world.rates = {"night": 1}
    async with alive(world):
        for at in range(1, CALLS + 1):
            before = world.failures
            world.disk.fail(Fault(at, how, kind))
            while not world.disk.failed and world.failures == before:
                await world.round(300)
            await world.round(900)
        await world.quiet()
    return world


@pytest.mark.parametrize(("how", "kind"), [("full", ""), (SHORT, ""), ("full", "write")])
def test_a_full_disk_is_waited_out(tmp_path: Path, how: str, kind: str) -> None:
    world = run(fail_each(tmp_path, how, kind))
    assert world.crashes == 1  # the one that every life ends with
    assert world.drive.trouble == ""


@pytest.mark.parametrize("kind", ["", "write", "sync"])
def test_a_disk_that_fails_ends_the_process_and_the_next_start_has_it_all(
    tmp_path: Path, kind: str
) -> None:
    world = run(fail_each(tmp_path, "io", kind))
    assert world.crashes >= CALLS // 2


def test_every_change_of_a_start_may_fail(tmp_path: Path) -> None:
    async def starts() -> World:
        world = World(tmp_path, 1, frozenset(), FEW)
        async with alive(world):
            for how in ("full", "io", "power"):
                for at in range(1, CALLS + 1):
                    await world.round(300)
                    await world.crash(Fault(at, how))
            await world.quiet()
        return world

    assert run(starts()).failures > CALLS
