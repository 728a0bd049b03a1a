"""Where a stranger's files and texts come in: each with what it takes."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

from tests.fuzz.corpus import CONFIGS, CSV, ESPI, HISTORY, JSONL, LINES, NEM12, TEXTS
from tests.fuzz.harness import Target
from tests.fuzz.oracles import expect_sound
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

SPECS: Final = {spec.name: spec for spec in SITE.meters}
FAST: Final = "/dev/shm"
"""Files of a case need no disk."""
IMPORTS: Final = "imports"


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
    if isinstance(told, Reading):
        expect_sound(told.registers, told.gauges)
        assert 0 <= told.at_ms < 1 << 50


@contextmanager
def _file(name: str, data: bytes) -> Iterator[Path]:
    path = home() / name
    path.write_bytes(data)
    yield path


def home() -> Path:
    """A folder of this process, always the same: names that are new each time are kept."""
    place = FAST if Path(FAST).is_dir() else tempfile.gettempdir()
    folder = Path(place, f"meterd-fuzz-{os.getpid()}")
    if not folder.exists():
        folder.mkdir()
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=1)
    return folder


PACKED: Final = tuple(gzip.compress(one, mtime=0) for one in CSV)


def _import(name: str, corpus: tuple[bytes, ...], *refusals: type[Exception]) -> Target:
    if name in FORMATS:
        return Target(f"import {name}", IMPORTS, corpus, partial(history, name), refusals)
    return Target(name, IMPORTS, corpus, partial(recording, name), refusals)


TARGETS: Final = (
    Target("configuration", "YAML", CONFIGS, configuration, cases=500),
    _import("jsonl", JSONL, RecordingError),
    _import("csv.gz", PACKED, RecordingError, OSError),
    Target("csv", IMPORTS, CSV, partial(recording, "csv"), (RecordingError,)),
    _import("csv", HISTORY, NoHistoryError),
    _import("nem12", NEM12, NoHistoryError),
    _import("greenbutton", ESPI, NoHistoryError),
    Target("line protocol", IMPORTS, LINES, pushed, (EntryError,)),
    Target("formula", "formula", TEXTS, expression, (ExpressionError,), 2_000),
)
