"""Where a stranger's bytes come in, but for devices and HTTP: each with what it takes."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Final

from tests.fuzz.corpus import CONFIGS, CSV, ESPI, HISTORY, JSONL, LINES, MESSAGES, NEM12, TEXTS
from tests.fuzz.harness import Target
from tests.metering.named import KNOWN
from tests.web.house import SITE
from tests.web.people import NOW_MS

from meterd.config.inbound import inbound
from meterd.config.load import load
from meterd.events import PollFailed, Reading
from meterd.metering.expression import Expression
from meterd.metering.operands import ExpressionError
from meterd.readers.recording import RecordingError, opened, quantities, readings
from meterd.shapes.entries import EntryError, reading
from meterd.shapes.history.formats import FORMATS
from meterd.shapes.history.rows import NoHistoryError, Wanted
from meterd.shapes.line_protocol import PRECISIONS, rows
from meterd.shapes.messages import Wanted as Heard
from meterd.shapes.messages import heard

SPECS: Final = {spec.name: spec for spec in SITE.meters}
FAST: Final = "/dev/shm"
"""Files of a case need no disk."""
WANTED: Final = (
    Heard("main", "energy_import", ("ENERGY", "Total")),
    Heard("rack-12", "energy_import", ()),
)


def configuration(data: bytes) -> None:
    """A file that `check` is given, and what the daemon makes of it."""
    with _file("meterd.yaml", data) as path:
        found = load(path, {"HOME": "/root"})
        if found.config is not None:
            inbound(found.config)


def recording(ending: str, data: bytes) -> None:
    """A file that `replay` is given: looked through, then read."""
    with _file(f"readings.{ending}", data) as path, opened(str(path)) as text:
        try:
            lines = text.read()
        except UnicodeDecodeError:
            return  # told with its place by the command
        quantities(str(path), io.StringIO(lines))
        for told in readings(str(path), io.StringIO(lines), SPECS):
            _expect_sound(told)


def history(name: str, data: bytes) -> None:
    """A file that `import` is given: its first kWh of main."""
    for row in FORMATS[name](data, Wanted("energy_import", "kWh", "", 300_000)):
        assert row.line > 0


def message(data: bytes) -> None:
    """What a broker brings."""
    for told in heard(WANTED, data, SPECS, NOW_MS):
        _expect_sound(told)


def pushed(data: bytes) -> None:
    """Lines that are pushed, each by itself."""
    for precision in PRECISIONS:
        for row in rows(data.decode("utf-8", "replace"), precision):
            if isinstance(row.item, dict):
                name = row.item.get("meter", "main")
                _expect_sound(reading(SPECS.get(name, SPECS["main"]), row.item, NOW_MS, "x"))


def expression(data: bytes) -> None:
    """A formula of a virtual meter; what was compiled gives a number, or says why not."""
    compiled = Expression(data.decode("utf-8", "replace"), KNOWN)
    answer = compiled.at([1.5] * len(compiled.references))
    assert answer.value is None or isinstance(answer.value, float | str)


def _expect_sound(told: Reading | PollFailed) -> None:
    """Nothing is booked from garbage: amounts are whole numbers within reason."""
    if isinstance(told, Reading):
        assert all(isinstance(amount, int) for amount in told.registers.values())
        assert not any(map(isnan, told.gauges.values())), "a NaN is no value"
        assert 0 <= told.at_ms < 1 << 50


@contextmanager
def _file(name: str, data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=FAST if Path(FAST).is_dir() else None) as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


PACKED: Final = tuple(gzip.compress(one, mtime=0) for one in CSV)
TARGETS: Final = (
    Target("configuration", CONFIGS, configuration, cases=500),
    Target("csv", CSV, lambda data: recording("csv", data), (RecordingError,)),
    Target("csv.gz", PACKED, lambda data: recording("csv.gz", data), (RecordingError, OSError)),
    Target("jsonl", JSONL, lambda data: recording("jsonl", data), (RecordingError,)),
    Target("import csv", HISTORY, lambda data: history("csv", data), (NoHistoryError,)),
    Target("import nem12", NEM12, lambda data: history("nem12", data), (NoHistoryError,)),
    Target("import greenbutton", ESPI, lambda d: history("greenbutton", d), (NoHistoryError,)),
    Target("message", MESSAGES, message, (EntryError,), 4_000),
    Target("line protocol", LINES, pushed, (EntryError,)),
    Target("expression", TEXTS, expression, (ExpressionError,), 2_000),
)
