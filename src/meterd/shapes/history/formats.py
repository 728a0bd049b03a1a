"""The formats that history is read from, by the names that `meterd import --format` takes."""

from __future__ import annotations

from typing import Final

from meterd.shapes.history.csv_rows import csv_rows
from meterd.shapes.history.espi import greenbutton_rows
from meterd.shapes.history.nem12 import nem12
from meterd.shapes.history.rows import Parser

FORMATS: Final[dict[str, Parser]] = {
    "csv": csv_rows,
    "nem12": nem12,
    "greenbutton": greenbutton_rows,
}
