"""Whatever bytes a file has, every format says what is wrong, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterd.shapes.history.formats import FORMATS
from meterd.shapes.history.rows import HistoryRow, NoHistoryError, Refused, Wanted

WANTED = Wanted("energy_import", "kWh", interval_ms=900_000)
BEGINS = {"csv": b"start,end,kwh\n", "nem12": b"100,NEM12,1,A,B\n", "greenbutton": b"<feed>"}


@pytest.mark.law
@pytest.mark.parametrize("name", FORMATS)
@given(data=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_break_a_parser(name: str, data: bytes) -> None:
    for text in (data, BEGINS[name] + data):
        try:
            rows = list(FORMATS[name](text, WANTED))
        except NoHistoryError:
            continue
        assert all(isinstance(row, HistoryRow | Refused) for row in rows)
