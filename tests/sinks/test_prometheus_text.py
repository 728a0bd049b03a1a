"""The text format, to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from meterd.sinks.prometheus_families import Family
from meterd.sinks.prometheus_text import exact, header, labelled, text

COUNTER = Family("meterd_energy_joules", "counter", "Energy.", "joules")
KEYS = ("TYPE", "UNIT")
INFO = Family("meterd_meter", "info", "Facts.")


@pytest.mark.parametrize(
    ("family", "openmetrics", "lines"),
    [
        (COUNTER, True, ["meterd_energy_joules", "counter", "joules"]),
        (COUNTER, False, ["meterd_energy_joules_total", "counter"]),
        (INFO, True, ["meterd_meter", "info"]),
        (INFO, False, ["meterd_meter_info", "gauge"]),
    ],
)
def test_the_formats_name_a_family_differently(
    family: Family, openmetrics: bool, lines: list[str]
) -> None:
    name, *said = lines
    wanted = f"# HELP {name} {family.help}\n"
    wanted += "".join(f"# {key} {name} {word}\n" for key, word in zip(KEYS, said, strict=False))
    assert header(family, openmetrics) == wanted


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00")))
def test_any_label_text_comes_back_as_it_was(value: str) -> None:
    line = labelled("meterd_meter_up", {"site": "hq", "meter": value}) + "1"
    body = f"# TYPE meterd_meter_up gauge\n{line}\n# EOF\n"
    [family] = text_string_to_metric_families(body)  # type: ignore[no-untyped-call]
    assert family.samples[0].labels == ({"site": "hq", "meter": value} if value else {"site": "hq"})


@pytest.mark.parametrize(
    ("amount", "per", "written"),
    [(0, 1, "0"), (7, 1, "7"), (1500, 1000, "1.5"), (1000, 1000, "1"), (1, 1000, "0.001")],
)
def test_an_amount_is_written_exactly(amount: int, per: int, written: str) -> None:
    assert exact(amount, per) == written


def test_a_family_without_series_is_left_out() -> None:
    assert text({"meterd_meter_up": [], "unheard_of": ["x"]}, openmetrics=True) == ""
