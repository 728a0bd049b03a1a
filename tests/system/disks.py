"""File systems that run full, freeze or become read-only, each in a folder of the test's own.

Only root may mount. Where nothing can be mounted a test fails and says so: it never passes
by not having been tried.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SMALL = 2 * 1024 * 1024
CARD = 16 * 1024 * 1024


class SmallDisk:
    """A file system of two megabytes, and a file that takes what is left of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Until nothing fits any more. A WAL that shrinks may make room: then again."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (65536, 4096, 512, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        self._ballast.unlink()


class Card:
    """A real file system in a file, as on a memory card: it can freeze and it can give up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def freeze(self) -> None:
        """From now on a write does not return."""
        _root("fsfreeze", "--freeze", str(self.folder))

    def thaw(self) -> None:
        """What waits goes on."""
        _root("fsfreeze", "--unfreeze", str(self.folder))

    def give_up(self) -> None:
        """Read-only from now on, as the kernel does after an error; only a repair undoes it."""
        _root("mount", "-o", "remount,abort", str(self.folder))

    def forbid(self, path: Path) -> None:
        """This file cannot be written any more, not even by who has it open."""
        _root("chattr", "+i", str(path))

    def allow(self, path: Path) -> None:
        """And now it can again."""
        _root("chattr", "-i", str(path))


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mounted at this folder, gone afterwards."""
    folder.mkdir()
    _root("mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder))
    yield SmallDisk(folder)
    _root("umount", "--lazy", str(folder))


@contextmanager
def card(folder: Path) -> Iterator[Card]:
    """Mounted at this folder, gone afterwards."""
    folder.mkdir()
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(CARD)
    _root("mkfs.ext4", "-q", "-F", str(image))
    _root("mount", "-o", "loop", str(image), str(folder))
    yield Card(folder)
    _root("umount", "--lazy", str(folder))


def repair(one: Card) -> None:
    """Take it out, mend it, put it in again; nobody may have a file of it open."""
    image = one.folder.with_suffix(".img")
    _root("umount", str(one.folder))
    subprocess.run(["e2fsck", "-fy", str(image)], capture_output=True, check=False)
    _root("mount", "-o", "loop", str(image), str(one.folder))


def _root(*command: str) -> None:
    assert os.geteuid() == 0, "only root may mount a disk: run the system tests as root"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout}"
