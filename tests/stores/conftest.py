"""A disk small enough to be filled, and a store of either kind."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores.made import KINDS, opened

from meterd.stores.sqlite import SqliteStore

SMALL_DISK = 2 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(tmp_path)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[SqliteStore]:
    """An empty store."""
    place = ":memory:"
    if request.param == "postgresql":
        place = request.getfixturevalue("cluster").place()
    one = opened(place)
    yield one
    one.close()
