"""Recorded readings, CSV or JSON lines, as the readings they were (contract, "Replay file").

    time,meter,energy_import,active_power,serial_number,uptime,age_s
    2026-01-01T00:00:00Z,main,1234.5,12.25,,,

Rows come in the order of arrival; an empty cell was not read; values are in the point's
declared unit. A row that cannot be understood stops the replay with its line and the remedy.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

from meterd.events import PollFailed, Reading
from meterd.metering.calendar import parse_iso
from meterd.shapes.readings import FACTS, Columns, cells
from meterd.specs import MeterSpec

_GZIP: Final = b"\x1f\x8b"
_HEAD_BYTES: Final = 4096


class RecordingError(Exception):
    """A recording that cannot be understood: file, line, what and what to do."""


@contextmanager
def local(path: str) -> Iterator[str]:
    """A recording as a file that can be read twice; standard input, "-", becomes one."""
    if path != "-":
        yield path
        return
    piped = sys.stdin.buffer
    head = piped.read(_HEAD_BYTES)
    with NamedTemporaryFile(suffix=_ending(head)) as copy:
        copy.write(head)
        shutil.copyfileobj(piped, copy)
        copy.flush()
        yield copy.name


def _ending(head: bytes) -> str:
    """What its name would have said of a recording: packed or not, JSON lines or CSV."""
    packed = head.startswith(_GZIP)
    with suppress(zlib.error):  # told when all of it is read
        head = zlib.decompressobj(wbits=31).decompress(head, 1) if packed else head
    return (".jsonl" if head.lstrip().startswith(b"{") else ".csv") + (".gz" if packed else "")


@contextmanager
def opened(path: str) -> Iterator[IO[str]]:
    """A recording's text; .gz is unpacked."""
    if path.endswith(".gz"):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
            try:
                yield text
            except (EOFError, zlib.error) as error:
                raise RecordingError(f"{path} is damaged: {error}. Copy it again.") from error
    else:
        with Path(path).open(encoding="utf-8-sig", newline="") as text:
            yield text


def readings(
    path: str, text: Iterable[str], meters: Mapping[str, MeterSpec]
) -> Iterator[Reading | PollFailed]:
    """The readings of a recording, in order. Raises RecordingError at a bad row."""
    if path.removesuffix(".gz").endswith(".jsonl"):
        yield from _json_lines(path, text, meters)
    else:
        yield from _csv_rows(path, text, meters)


def quantities(path: str, text: Iterable[str]) -> dict[str, set[str]]:
    """meter -> what the recording has of it, facts about the device left out.

    Raises RecordingError only for a header; bad rows are left to `readings`.
    """
    lines = path.removesuffix(".gz").endswith(".jsonl")
    found = _in_lines(text) if lines else _in_rows(path, text)
    return {name: have.difference(FACTS) for name, have in found.items()}


def _in_lines(text: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in text:
        with suppress(ValueError, RecursionError):
            item = json.loads(line)
            if isinstance(item, dict) and isinstance(item.get("meter"), str):
                have = found.setdefault(item.pop("meter"), set())
                item.pop("time", None)
                have.update(name for name, value in item.items() if value not in (None, ""))
    return found


def _in_rows(path: str, text: Iterable[str]) -> dict[str, set[str]]:
    """A meter's row is looked at only for the columns that it has not had yet."""
    rows = csv.reader(text)
    header: list[str] = []
    empty: dict[str, Sequence[int]] = {}
    with suppress(csv.Error):
        header += (name.strip() for name in next(rows, []))
        _check_header(path, header)
        for row in rows:
            if len(row) == len(header):
                still = empty.get(row[1], range(2, len(row)))
                if still:
                    empty[row[1]] = [index for index in still if not row[index]]
    columns = list(enumerate(header))[2:]
    return {
        meter: {name for index, name in columns if index not in still}
        for meter, still in empty.items()
    }


# -- CSV ----------------------------------------------------------------------------------


def _csv_rows(
    path: str, text: Iterable[str], meters: Mapping[str, MeterSpec]
) -> Iterator[Reading | PollFailed]:
    rows = csv.reader(text)
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(path, header)
        columns: dict[str, Columns] = {}
        times: tuple[str, int] = ("", 0)
        for row in rows:
            if not row:
                continue
            _check_width(row, header)
            name = row[1]
            column = columns.get(name)
            if column is None:
                column = columns[name] = Columns(header, _known(meters, name))
            if row[0] != times[0]:
                times = (row[0], parse_iso(row[0]))
            yield column.reading(row, times[1])
    except (RecordingError, ValueError, OverflowError, csv.Error) as error:
        where = f"{path}:{rows.line_num}"
        raise RecordingError(f"{where}: {error}. Mend or remove the line.") from error


def _check_width(row: list[str], header: list[str]) -> None:
    if len(row) != len(header):
        raise ValueError(f"{len(row)} cells where the header has {len(header)}")


def _check_header(path: str, header: list[str]) -> None:
    if header[:2] != ["time", "meter"]:
        raise RecordingError(f"the header of {path} must begin with time,meter")
    if len(set(header)) != len(header):
        raise RecordingError(f"the header of {path} names a column twice")


def _known(meters: Mapping[str, MeterSpec], name: str) -> MeterSpec:
    spec = meters.get(name)
    if spec is None:
        raise RecordingError(f"no meter {name!r} in the configuration")
    return spec


# -- JSON lines -----------------------------------------------------------------------------


def _json_lines(
    path: str, text: Iterable[str], meters: Mapping[str, MeterSpec]
) -> Iterator[Reading | PollFailed]:
    layouts: dict[tuple[str, tuple[str, ...]], Columns] = {}
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
            if not isinstance(item, dict) or not {"time", "meter"} <= item.keys():
                raise RecordingError("a line is an object with time and meter")  # noqa: TRY301
            name = item.pop("meter")
            at_ms = parse_iso(item.pop("time"))
            key = (name, tuple(item))
            columns = layouts.get(key)
            if columns is None:
                spec = _known(meters, name)
                columns = layouts[key] = Columns(["time", "meter", *item], spec)
            yield columns.reading(["", name, *cells(item)], at_ms)
        except (RecordingError, ValueError, OverflowError, TypeError, RecursionError) as error:
            raise RecordingError(f"{path}:{number}: {error}. Mend or remove the line.") from error
