"""Recordings as files: packed, damaged, from standard input, and what they have."""

import gzip
import io
from pathlib import Path

import pytest

from meterd.readers.recording import RecordingError, local, opened, quantities

ROWS = "time,meter,energy_import\r\n2026-01-10T12:00:00Z,main,1\r\n"


def text_of(path: str) -> str:
    with opened(path) as text:
        return text.read()


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    plain, marked = tmp_path / "a.csv", tmp_path / "b.csv"
    plain.write_bytes(ROWS.encode())
    marked.write_bytes(ROWS.encode("utf-8-sig"))
    assert text_of(str(plain)) == text_of(str(marked)) == ROWS


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode("utf-8-sig")))
    assert text_of(str(path)) == ROWS


@pytest.mark.parametrize("damage", ["cut short", "garbled"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.csv.gz"
    packed = bytearray(gzip.compress((ROWS * 1000).encode()))
    if damage == "cut short":
        del packed[len(packed) // 2 :]
    else:
        packed[20:40] = b"\xff" * 20
    path.write_bytes(packed)
    with pytest.raises(RecordingError, match=r"a\.csv\.gz is damaged: .* Copy it again"):
        text_of(str(path))


@pytest.mark.parametrize(
    ("text", "ending"),
    [(ROWS, ".csv"), (' {"time": "2026-01-10T12:00:00Z"}\n', ".jsonl"), ("", ".csv")],
)
def test_standard_input_can_be_read_twice(
    monkeypatch: pytest.MonkeyPatch, text: str, ending: str
) -> None:
    piped = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")
    monkeypatch.setattr("sys.stdin", piped)
    with local("-") as path:
        assert path.endswith(ending)
        assert text_of(path) == text_of(path) == text
    assert not Path(path).exists()


def test_a_file_is_read_where_it_is() -> None:
    with local("recording.csv.gz") as path:
        assert path == "recording.csv.gz"


def test_what_a_recording_has_of_each_meter() -> None:
    lines = [
        "time,meter,energy_import,active_power,volume,serial_number",
        "2026-01-10T12:00:00Z,main,1,,,A",
        "short,main",
        "2026-01-10T12:05:00Z,main,,5,,A",
        "2026-01-10T12:05:00Z,water,,,7,",
        "2026-01-10T12:10:00Z,idle,,,,",
    ]
    assert quantities("r.csv", lines) == {
        "main": {"energy_import", "active_power"}, "water": {"volume"}, "idle": set(),
    }  # fmt: skip


def test_a_meter_that_has_everything_is_looked_at_no_more() -> None:
    lines = ["time,meter,volume", *["2026-01-10T12:00:00Z,main,1"] * 3]
    assert quantities("r.csv", lines) == {"main": {"volume"}}


def test_what_a_recording_in_json_lines_has_of_each_meter() -> None:
    lines = [
        '{"time": "2026-01-10T12:00:00Z", "meter": "main", "energy_import": 1, "uptime": 5}',
        '{"meter": "main", "active_power": null, "voltage": [1]}',
        '{"meter": "main", "voltage": 230}',
        '{"meter": 7, "active_power": 1}',
        "[]",
        "nonsense",
        "",
    ]
    assert quantities("r.jsonl.gz", lines) == {"main": {"energy_import", "voltage"}}


def test_a_bad_row_does_not_stop_the_looking() -> None:
    lines = ["time,meter,volume", "t,main,1", f'"{"x" * 200_000}",main,2']
    assert quantities("r.csv", lines) == {"main": {"volume"}}
