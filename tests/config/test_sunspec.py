"""The models' tables are the standard's: held against its own files, as pysunspec2 ships them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sunspec2
from tests.config.written import SITE, found, sound

from meterd.config.sunspec import COMMON, COMMON_LAYOUT, KINDS, LAYOUTS, LENGTHS, UNITS_OF

MODELS = Path(sunspec2.__file__).parent / "models" / "json"
SPELLINGS = {"Pct": "%", "PF": "ratio", "": ""}
HALL = "connections: {hall: {protocol: modbus_tcp, host: h}}\n"


def standard(model: int) -> tuple[dict[str, tuple[int, str, str, str]], int]:
    """Every point of a model, its name in lower case, and the model's length."""
    points: list[dict[str, Any]] = json.loads((MODELS / f"model_{model}.json").read_text())[
        "group"
    ]["points"]
    found, offset = {}, 0
    for point in points:
        unit = point.get("units", "")
        name = point["name"].lower()
        if name.startswith("phvphab") or name in ("phvphbc", "phvphca"):
            name = f"p{name[1:]}".replace("phv", "pv")  # models differ in how they spell these
        spelled = SPELLINGS.get(unit, unit)
        found[name] = (offset, point["type"], spelled, point.get("sf", ""))
        offset += point.get("size", 1)
    return found, offset - 2


@pytest.mark.parametrize("model", [COMMON, *LAYOUTS])
def test_a_model_is_as_the_standard_has_it(model: int) -> None:
    theirs, length = standard(model)
    assert LENGTHS[model] == length
    places = {offset: rest for offset, *rest in theirs.values()}
    layout = {**LAYOUTS, COMMON: COMMON_LAYOUT}[model]
    for name, point in layout.items():
        assert places[point.offset] == [point.kind, point.unit, point.scale], name
        known = theirs.get(name.lower())
        assert known is None or known[0] == point.offset, name
    named = [name for name in layout if name.lower() in theirs]
    assert len(named) >= len(layout) - 3
    assert all(point.words == KINDS[point.kind].words or point.words == 8
               for point in layout.values())  # fmt: skip


def meter(points: str, more: str = "") -> str:
    return (
        f"{SITE}{HALL}meters: [{{name: m, connection: hall, address: 1{more}, points: {points}}}]\n"
    )


WRONG = {
    "{energy_import: {sunspec: TotWhImpp}}": (
        'no SunSpec model of a meter or an inverter has a point "TotWhImpp". '
        'Did you mean "TotWhImp"?'
    ),
    "{active_power: {sunspec: SN}}": (
        "active_power is a number, and SN is none. Choose the point that the standard says."
    ),
    "{active_power: {sunspec: W, address: 5}}": (
        "address is found by the SunSpec model. Drop it, or drop sunspec."
    ),
}


@pytest.mark.parametrize(("points", "said"), WRONG.items())
def test_a_point_that_is_in_no_model_is_told(points: str, said: str, tmp_path: Path) -> None:
    (line,) = found(tmp_path, meter(points))
    assert line.endswith(said)


def test_a_meter_may_say_which_model_and_lay_points_over_the_profile(tmp_path: Path) -> None:
    more = ", profile: sunspec/meter, sunspec: {instance: 2, base: 50000}"
    points = "{energy_import: {max_kw: 20}, frequency: {table: input, address: 9, type: float32}}"
    (only,) = sound(tmp_path, meter(points, more)).meters
    assert only.points["energy_import"].sunspec == "TotWhImp"
    assert only.points["energy_import"].max_kw == 20
    assert (only.points["frequency"].sunspec, only.points["frequency"].address) == (None, 9)
    assert (only.sunspec.instance, only.sunspec.base) == (2, 50_000)
    assert only.sunspec.models is not None
    assert 203 in only.sunspec.models


def test_units_are_known_by_name() -> None:
    assert (UNITS_OF["TotWhImp"], UNITS_OF["WH"], UNITS_OF["VAr"]) == ("Wh", "Wh", "var")
    assert UNITS_OF["SN"] == ""
    assert "W_SF" not in UNITS_OF
