"""Walking a SunSpec map: where it begins, what is in it, where it ends."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from tests.readers.modbus.devices import point
from tests.readers.modbus.sunspec_maps import POINTS, common, laid, meter, sun

from meterd.readers.line import ReadFailed
from meterd.readers.modbus.frames import RefusedError
from meterd.readers.modbus.sunspec import Model, dials, find, nominal, shown, walk

COMMON, METER = Model(1, 40_002, 66), Model(203, 40_070, 105)


class Device:
    """Words that are there; others are refused with a code."""

    def __init__(self, words: dict[int, int], code: int = 2) -> None:
        self.words = words
        self.code = code
        self.asked: list[int] = []

    async def read(self, address: int, count: int) -> Sequence[int]:
        self.asked.append(address)
        try:
            return [self.words[at] for at in range(address, address + count)]
        except KeyError:
            raise RefusedError(self.code, f"holding {address}+{count}") from None


@pytest.mark.parametrize("base", [40_000, 50_000, 0])
async def test_a_map_is_found_wherever_it_may_begin(base: int) -> None:
    models = await walk(Device(laid(base, common("A"), meter())).read)
    assert models == (Model(1, base + 2, 66), Model(203, base + 70, 105))


async def test_a_map_elsewhere_is_found_if_it_is_told_where() -> None:
    device = Device(laid(1000, common("A"), meter()))
    assert await walk(device.read) == ()
    assert len(await walk(device.read, 1000)) == 2


ENDS = {
    "nothing after the last model": [common("A"), meter()],
    "zeros": [common("A"), meter(), [0, 0]],
}


@pytest.mark.parametrize("models", ENDS.values(), ids=ENDS.keys())
async def test_a_map_without_an_end_ends(models: list[list[int]]) -> None:
    words = laid(40_000, *models)
    last = max(words)
    del words[last], words[last - 1]
    assert await walk(Device(words).read) == (COMMON, METER)


async def test_a_map_that_leads_out_of_the_table_ends_there() -> None:
    words = {40_000: 0x5375, 40_001: 0x6E53, 40_002: 1, 40_003: 0xFFFE}
    assert await walk(Device(words).read) == ()


async def test_a_map_of_empty_models_is_bounded() -> None:
    words = {40_000: 0x5375, 40_001: 0x6E53, **{40_002 + n: 7 * (n % 2 == 0) for n in range(9999)}}
    device = Device(words)
    assert len(await walk(device.read)) == 100
    assert len(device.asked) == 101


@pytest.mark.parametrize(("code", "reason"), [(11, "unreachable"), (6, "refused")])
async def test_a_device_that_cannot_answer_is_not_without_a_map(code: int, reason: str) -> None:
    with pytest.raises(ReadFailed) as failed:
        await walk(Device({}, code).read)
    assert failed.value.reason == reason


def test_points_are_where_the_model_is() -> None:
    found = find(sun(), (COMMON, METER))
    places = {one.quantity: one.address for one in found.points}
    assert (places["energy_import"], places["active_power"]) == (40_116, 40_088)
    assert (places["serial_number"], places[":ID"], places[":TotWh_SF"]) == (40_052, 40_070, 40_124)
    assert found.absent == ()
    assert set(shown(found.points)) == {one.quantity for one in POINTS}


def test_of_several_meters_the_instance_counts_each_with_its_own_names() -> None:
    models = (COMMON, METER, Model(1, 40_177, 66), Model(101, 40_245, 50), Model(213, 40_297, 124))
    second = find(sun(instance=2), models)
    places = {one.quantity: one.address for one in second.points}
    assert second.model.id == 213
    assert (places["serial_number"], places["active_power"]) == (40_177 + 50, 40_297 + 28)
    assert second.accumulators == {}
    assert find(sun(models=(101,)), models).absent == ("energy_import", "energy_export")


def test_what_a_short_model_or_no_common_model_lacks_is_absent() -> None:
    found = find(sun(), (METER._replace(length=40),))
    assert found.absent == ("energy_import", "energy_export", "serial_number")
    assert find(sun(), (METER._replace(length=52),)).absent[:2] == (
        "energy_import",
        "energy_export",
    )


def test_other_points_of_the_device_stay_where_they_are() -> None:
    plain = point("temperature", 7)
    assert plain in find(sun(points=(*POINTS, plain)), (METER,)).points


def test_a_device_without_such_a_model_says_what_it_has() -> None:
    with pytest.raises(ReadFailed, match=r"no SunSpec model 701; there are: 1, 203"):
        find(sun(models=(701,)), (COMMON, METER))
    with pytest.raises(ReadFailed, match=r"214 number 2; there are: none"):
        find(sun(instance=2), ())


def test_an_accumulator_tells_its_count_and_where_it_wraps() -> None:
    found = find(sun(), (COMMON, METER))
    assert dials(found, {":TotWh_SF": 2.0})["energy_import"] == (360_000, 360_000 << 32)
    assert dials(found, {":TotWh_SF": -6.0})["energy_import"] == (1, 3600 * 2**32 // 10**6)
    assert dials(found, {}) == {}


def test_a_plan_is_of_the_device_as_it_most_likely_is() -> None:
    likely = nominal(sun(models=(203,)))
    assert [one.address for one in likely.points if one.quantity == "active_power"] == [40_088]
    at = nominal(sun(models=(101,), base=0, points=(POINTS[2],)))
    assert [one.address for one in at.points if one.quantity == "active_power"] == [84]
    plain = msgspec.structs.replace(sun(), points=(point("a", 7),))
    assert nominal(plain) is plain
