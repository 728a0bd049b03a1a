"""A PostgreSQL of our own: a cluster in a temporary folder, reached through a socket there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg

USER = "postgres"
_NUMBERS = count(1)


def programs() -> Path:
    """Where initdb and postgres are; Debian does not put them on the path."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert folders, "PostgreSQL is not installed; see requirements/debian.list"
    return folders[-1]


class Cluster:
    """Its process, from `start` to `stop`."""

    def __init__(self, settings: str = "-c fsync=off") -> None:
        self._settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self.folder.chmod(0o777)
        self._data = self.folder / "data"
        self._as = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-N", "-E", "UTF8")

    def start(self) -> None:
        """Returns when it listens."""
        own = f"-k {self.folder} -c listen_addresses='' -c max_connections=40"
        self._control("start", "-o", f"{own} {self._settings}")

    def stop(self, how: str = "fast") -> None:
        self._control("stop", "-m", how)

    def remove(self) -> None:
        shutil.rmtree(self.folder)

    def _control(self, what: str, *more: str) -> None:
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", log, *more, what)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(programs() / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._url(), autocommit=True)

    def place(self) -> str:
        """A store's place that nobody has used: a schema of its own."""
        name = f"store_{next(_NUMBERS)}"
        with self.admin() as session:
            session.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self._url()}&options=-csearch_path%3D{name}"

    def _url(self) -> str:
        return f"postgresql://{USER}@/postgres?host={self.folder}"
