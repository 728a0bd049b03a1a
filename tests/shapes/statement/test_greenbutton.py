"""The Green Button feed, held against the order and the types of the ESPI schema 4.0.

The schema file itself is not here; ORDER and TYPES are what it says of the elements we write.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.billing.site import DAY, FEBRUARY, FIVE, JANUARY, KWH
from tests.shapes.statement.case import facts, provisional, slots

from meterd.billing.slots import Slot
from meterd.shapes.statement.books import Facts
from meterd.shapes.statement.greenbutton import greenbutton
from meterd.shapes.statement.statement import statement

ATOM = "{http://www.w3.org/2005/Atom}"
ESPI = "{http://naesb.org/espi}"
PERIOD = ("duration", "start")
SUMMARY = ("powerOfTenMultiplier", "timeStamp", "uom", "value", "readingTypeRef")
ORDER: dict[str, tuple[str, ...]] = {
    "UsagePoint": ("roleFlags", "ServiceCategory", "status", "serviceDeliveryPoint"),
    "ServiceCategory": ("kind",),
    "LocalTimeParameters": ("dstEndRule", "dstOffset", "dstStartRule", "tzOffset"),
    "MeterReading": (),
    "ReadingType": (
        "accumulationBehaviour", "commodity", "consumptionTier", "currency", "dataQualifier",
        "defaultQuality", "flowDirection", "intervalLength", "kind", "phase",
        "powerOfTenMultiplier", "timeAttribute", "tou", "uom", "cpp",
    ),
    "IntervalBlock": ("interval", "IntervalReading"),
    "IntervalReading": ("cost", "ReadingQuality", "timePeriod", "value", "consumptionTier"),
    "ReadingQuality": ("quality",),
    "interval": PERIOD, "timePeriod": PERIOD, "billingPeriod": PERIOD,
    "UsageSummary": (
        "billingPeriod", "billLastPeriod", "billToDate", "costAdditionalLastPeriod",
        "costAdditionalDetailLastPeriod", "currency", "overallConsumptionLastPeriod",
        "currentBillingPeriodOverAllConsumption", "currentDayLastYearNetConsumption",
        "currentDayNetConsumption", "currentDayOverallConsumption", "peakDemand",
        "previousDayLastYearOverallConsumption", "previousDayNetConsumption",
        "previousDayOverallConsumption", "qualityOfReading", "ratchetDemand",
        "ratchetDemandPeriod", "statusTimeStamp", "commodity", "tariffProfile", "readCycle",
    ),
    "overallConsumptionLastPeriod": SUMMARY, "peakDemand": SUMMARY,
}  # fmt: skip
"""Element -> its children in the schema's order."""
MUST = {"interval": PERIOD, "timePeriod": PERIOD, "billingPeriod": PERIOD,
        "LocalTimeParameters": ORDER["LocalTimeParameters"], "UsageSummary": ("statusTimeStamp",),
        "ReadingQuality": ("quality",), "ServiceCategory": ("kind",)}  # fmt: skip
TYPES = {
    "dstEndRule": r"[0-9A-F]{8}", "dstStartRule": r"[0-9A-F]{8}", "tzOffset": r"-?\d{1,5}",
    "duration": r"\d{1,10}", "start": r"\d{1,12}", "value": r"-?\d{1,15}",
    "quality": r"[0-9]|1[0-9]", "qualityOfReading": r"[0-9]|1[0-9]", "currency": r"\d{1,3}",
    "billLastPeriod": r"-?\d{1,15}", "billToDate": r"-?\d{1,15}",
}  # fmt: skip
REPEATED = {"IntervalReading"}
INT48 = 2**47


def valid(element: ET.Element) -> None:
    name = element.tag.removeprefix(ESPI)
    children = [child.tag.removeprefix(ESPI) for child in element]
    if name not in ORDER:
        assert children == []
        assert re.fullmatch(TYPES.get(name, r"-?\d+"), element.text or ""), (name, element.text)
        assert abs(int(element.text or "0", 16 if name.startswith("dst") else 10)) < INT48
        return
    places = [ORDER[name].index(child) for child in children]
    assert places == sorted(places), f"{name}: {children}"
    assert set(MUST.get(name, ())) <= set(children), name
    for child in set(children) - REPEATED:
        assert children.count(child) == 1, child
    for inner in element:
        valid(inner)


def feed(known: Facts) -> ET.Element:
    return ET.fromstring(greenbutton(statement(known), known))


def resources(root: ET.Element, name: str) -> list[ET.Element]:
    return root.findall(f".//{ATOM}content/{ESPI}{name}")


def number(element: ET.Element, path: str) -> int:
    found = element.find("/".join(ESPI + part for part in path.split("/")))
    assert found is not None, path
    return int(found.text or "")


def whole(known: Facts) -> ET.Element:
    """The feed, every resource of it held against the schema."""
    root = feed(known)
    for entry in root.findall(f"{ATOM}entry"):
        names = [child.tag.removeprefix(ATOM) for child in entry]
        assert names[0] == "id"
        assert names[-3:] == ["title", "content", "updated"]
        (resource,) = entry.findall(f"{ATOM}content/*")
        valid(resource)
    return root


def test_a_closed_month_is_a_valid_feed() -> None:
    root = whole(facts())
    kinds = [child.tag.removeprefix(ESPI) for child in root.findall(f".//{ATOM}content/*")]
    assert kinds == [
        "UsagePoint", "LocalTimeParameters", "MeterReading", "ReadingType", "IntervalBlock",
        "UsageSummary",
    ]  # fmt: skip
    ids = [one.text or "" for one in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    pattern = r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert all(re.fullmatch(pattern, one) for one in ids)


def test_readings_add_up_to_the_total_though_none_is_whole() -> None:
    odd = [Slot(JANUARY + n * FIVE, JANUARY + (n + 1) * FIVE, 1, 1, FIVE) for n in range(3600)]
    root = whole(facts(slots=odd))
    values = [number(one, "value") for one in root.iter(f"{ESPI}IntervalReading")]
    assert sum(values) == 1000, "3,600 J are a watt-hour"
    assert {0, 1} == set(values)
    blocks = resources(root, "IntervalBlock")
    assert [number(block, "interval/start") for block in blocks[:2]] == [
        JANUARY // 1000, (JANUARY + DAY) // 1000,
    ]  # fmt: skip
    assert number(blocks[0], "interval/duration") == 86_400


def test_quality_is_told_where_it_is_not_the_usual() -> None:
    gap: dict[str, Any] = {"gap": 1, "gap_from_ms": 1, "gap_to_ms": 2}
    rows = [
        *slots(1),
        Slot(JANUARY + FIVE, JANUARY + 2 * FIVE, KWH, 1, FIVE, **gap),
        Slot(JANUARY + 2 * FIVE, JANUARY + 3 * FIVE, KWH, 1, FIVE, questionable=1),
    ]
    root = whole(facts(slots=rows))
    told = [one.find(f"{ESPI}ReadingQuality") for one in root.iter(f"{ESPI}IntervalReading")]
    assert [None if one is None else one[0].text for one in told] == [None, "9", "10"]
    (kind,) = resources(root, "ReadingType")
    assert number(kind, "defaultQuality") == 13, "more than one method"


def test_the_summary_has_the_bill_and_the_peak() -> None:
    (summary,) = resources(whole(facts()), "UsageSummary")
    assert number(summary, "billLastPeriod") == 3_460_000
    assert number(summary, "currency") == 978
    assert number(summary, "overallConsumptionLastPeriod/value") == 120_500_000
    assert number(summary, "peakDemand/value") == 6_250_000
    assert number(summary, "peakDemand/uom") == 38
    assert number(summary, "billingPeriod/duration") == (FEBRUARY - JANUARY) // 1000


def test_a_month_that_runs_has_a_bill_to_date() -> None:
    known = provisional(peak=None, peak_start=None, peak_end=None, accuracy="measured")
    root = whole(known)
    (summary,) = resources(root, "UsageSummary")
    assert number(summary, "billToDate") == 3_460_000
    assert summary.find(f"{ESPI}peakDemand") is None
    assert number(summary, "qualityOfReading") == 17


def test_what_is_unknown_is_left_out() -> None:
    rare = {**facts().period, "cost": {"currency": "XTS", "lines": [], "total": "1.00"}}
    bare = {**facts().period, "cost": None}
    assert resources(whole(facts(period=rare)), "UsageSummary")[0].find(f"{ESPI}currency") is None
    root = whole(facts(period=bare, slots=[], bill={**facts().bill, "unit": "kVA"}))
    assert resources(root, "IntervalBlock") == []
    assert number(resources(root, "UsageSummary")[0], "peakDemand/uom") == 61


@pytest.mark.parametrize("name", ['a"b<c>&d', "bell\x07"])
def test_names_of_others_are_escaped(name: str) -> None:
    root = whole(facts(bill={**facts().bill, "name": name}))
    title = root.find(f"{ATOM}title")
    assert title is not None
    assert (title.text or "").startswith(name.replace("\x07", ""))
