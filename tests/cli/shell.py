"""The command as a test calls it: in this process, with what it prints and its exit code."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from meterd.__main__ import main

POINTS = {"energy_import": {"table": "holding", "address": 0, "type": "uint32", "unit": "kWh"}}


class Done(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


class Shell:
    """A folder with a configuration, and the command in it. config: as `write` writes it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.file = folder / "meterd.yaml"
        self.store = folder / "meterd.db"
        self.config: dict[str, Any] = {
            "site": {"name": "hq", "timezone": "UTC", "cost_per_kwh": "0.30"},
            "store": f"sqlite://{self.store}",
            "connections": {"hall": {"protocol": "modbus_tcp", "host": "127.0.0.1", "port": 1}},
            "meters": [self.meter("main", 1), self.meter("rack-12", 2)],
        }
        self._capsys = capsys

    def meter(self, name: str, address: int, **more: Any) -> dict[str, Any]:
        return {"name": name, "connection": "hall", "address": address, "points": POINTS, **more}

    def write(self) -> Path:
        self.file.write_text(yaml.safe_dump(self.config), "utf-8")
        return self.file

    def keep(self, path: Path, fill: Callable[[], object]) -> None:
        """A store as `fill` makes it: made once, and then copied from `path`."""
        self.write()
        if path.exists():
            shutil.copy(path, self.store)
        else:
            fill()
            self.on("backup", str(path))

    def run(self, *words: str, code: int = 0) -> Done:
        """Run the command; it must end with this code."""
        self._capsys.readouterr()
        found = main(words)
        done = Done(found, *self._capsys.readouterr())
        assert done.code == code, done
        return done

    def on(self, verb: str, *words: str, code: int = 0) -> Done:
        """Run a verb on this folder's configuration."""
        return self.run(verb, "-c", str(self.file), *words, code=code)

    def rows(self, verb: str, *words: str) -> Any:
        return self.on(verb, "--json", *words).json

    def replay(self, *lines: str, header: str = "time,meter,energy_import", **more: str) -> None:
        """Write the configuration, and readings into its store."""
        self.write()
        recording = self.folder / "readings.csv"
        recording.write_text("\n".join([header, *lines]) + "\n")
        words = [word for name, value in more.items() for word in (f"--{name}", value)]
        store = str(self.config["store"])
        self.on("replay", "--readings", str(recording), "--store", store, *words)
