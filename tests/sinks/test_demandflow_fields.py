"""Which field of a tenant's takes which of ours, and as what."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from meterd.shapes.meters import FIELDS, definition
from meterd.sinks.demandflow_definition import Target, targets
from meterd.sinks.demandflow_fields import LABELS, TOLD, Plan, new_object, plan_of, remote, shipped
from meterd.specs import FieldSpec

SEED = {
    "text": """
        name meterName description panelBoardRef model serialNumber ctRatio ptRatio ipAddress
        calibrationCertificate notes
        """,
    "enum": """
        meterPoint status feedPath meterType accuracyClass protocol verificationResult
        """,
    "reference": "building floor room rack manufacturer currency",
    "datetime": "lastReadingTime peakDemandDate",
    "date": """
        installDate lastCalibrationDate nextCalibrationDate lastVerificationDate
        """,
    "number": """
        currentKw currentKva currentAmps voltage powerFactor frequency loadPercent ampsPhaseA
        ampsPhaseB ampsPhaseC voltagePhaseA voltagePhaseB voltagePhaseC phaseImbalance
        neutralCurrent kwhToday kwhYesterday kwhThisMonth kwhLastMonth kwhThisYear kwhLastYear
        kwhLifetime peakDemandKw peakDemandKwMonth averageDemandKw costPerKwh costThisMonth
        costLastMonth costThisYear ratedCapacityKw ratedCapacityAmps warningThresholdPercent
        criticalThresholdPercent voltageHighThreshold voltageLowThreshold
        powerFactorMinThreshold phaseImbalanceMaxPercent calibrationIntervalMonths
        """,
}
TYPES = {name: kind for kind, names in SEED.items() for name in names.split()}


def test_the_shipped_definition_takes_everything_but_references() -> None:
    plan = shipped()
    assert sorted(TYPES) == sorted(FIELDS)
    assert {name: at.type for name, at in plan.targets.items()} == {
        name: kind for name, kind in TYPES.items() if kind != "reference"
    }
    assert plan.required == ("name", "meterPoint", "status")
    assert (plan.removed, plan.unfit, plan.assumed) == ((), {}, True)
    assert plan.name_key == "name"


PLACES: dict[str, tuple[list[Target], str | None]] = {
    "by its id": ([Target("currentKw", "number")], "currentKw"),
    "by the name it had": ([Target("kw", "number", ("currentKw",))], "kw"),
    "by the name it had, though another took its id": (
        [Target("currentKw", "number"), Target("kw", "number", ("currentKw",))],
        "kw",
    ),
    "not what was another field": ([Target("currentKw", "number", ("currentKva",))], None),
    "an id with a code of the site's own": ([Target("currentKw", "number", ("F1",))], "currentKw"),
    "by its label": ([Target("p", "number", (), "real power [kW]")], "p"),
    "not by a label that two have": (
        [Target("p", "number", (), "Real Power (kW)"), Target("q", "number", (), "Real Power kW")],
        None,
    ),
    "not by the label of another field of ours": (
        [Target("currentKva", "number", (), "Real Power (kW)")],
        None,
    ),
    "not by a label if it was another": (
        [Target("p", "number", ("currentKva",), "Real Power (kW)")],
        None,
    ),
    "not at all": ([Target("p", "number", (), "Power")], None),
}


@pytest.mark.parametrize(("found", "key"), PLACES.values(), ids=PLACES.keys())
def test_where_the_real_power_goes(found: list[Target], key: str | None) -> None:
    plan = plan_of(found)
    target = plan.targets.get("currentKw")
    assert (target.key if target else None) == key
    assert ("currentKw" in plan.removed) == (key is None)


def test_labels_are_of_fields_that_are_told_and_each_of_one() -> None:
    assert LABELS.keys() <= set(TOLD)
    assert len(set(LABELS.values())) == len(LABELS)
    assert LABELS["kwhLastMonth"] == "Last Month (kWh)"
    assert LABELS["ampsPhaseB"] == "Phase B Current (A)"


def test_a_field_that_has_no_label_of_its_own_is_found_by_no_label() -> None:
    assert "loadPercent" not in plan_of([Target("x", "number", (), "")]).targets


@pytest.mark.parametrize(
    ("name", "kind", "taken"),
    [
        ("currentKw", "number", True),
        ("currentKw", "decimal", True),
        ("currentKw", "text", False),
        ("currentKw", "sparkline", False),
        ("lastReadingTime", "datetime", True),
        ("lastReadingTime", "timestamp", True),
        ("lastReadingTime", "date", False),
        ("installDate", "date", True),
        ("installDate", "datetime", False),
        ("status", "indexedselect", True),
        ("status", "text", False),
        ("notes", "textarea", True),
        ("building", "text", True),
    ],
)
def test_a_type_takes_what_it_was_made_for(name: str, kind: str, taken: bool) -> None:
    plan = plan_of([Target(name, kind)])
    assert (name in plan.targets) == taken
    assert plan.unfit == ({} if taken else {name: kind})


def test_a_reference_is_nothing_we_could_fill_and_nothing_to_speak_of() -> None:
    plan = plan_of([Target("building", "objectlookup")])
    assert (plan.targets, plan.unfit) == ({}, {})


def test_a_plan_without_what_was_refused() -> None:
    own = [Target("floorArea", "number"), Target("costCentre", "text")]
    plan = plan_of([Target("kw", "number", ("currentKw",)), Target("voltage", "number"), *own])
    assert plan.without(set()) is plan
    rest = plan.without({"kw", "else", "floorArea"})
    assert (set(rest.targets), rest.added) == ({"voltage"}, (own[1],))


ACTIVE = {"id": 1, "label": "Active"}
VALUES: dict[str, tuple[Any, Target, Any]] = {
    "a number": (12.5, Target("a", "number"), 12.5),
    "no number": (nan, Target("a", "number"), None),
    "too much": (inf, Target("a", "number"), None),
    "unknown": (None, Target("a", "number"), None),
    "a time": ("2026-01-01T12:00:00Z", Target("a", "datetime"), "2026-01-01T12:00:00Z"),
    "a timestamp": ("2026-01-01T12:00:00.5Z", Target("a", "timestamp"), 1_767_268_800_500),
    "no timestamp": (None, Target("a", "timestamp"), None),
    "a word": (ACTIVE, Target("a", "enum"), 1),
    "a word by its id": (ACTIVE, Target("a", "enum", options=(("1", "On"), ("2", "Off"))), "1"),
    "a word by its text": (ACTIVE, Target("a", "enum", options=(("on", "active"),)), "on"),
    "no such word": (ACTIVE, Target("a", "enum", options=(("on", "On"),)), None),
}


@pytest.mark.parametrize(("value", "target", "sent"), VALUES.values(), ids=VALUES.keys())
def test_a_value_as_the_field_takes_it(value: Any, target: Target, sent: Any) -> None:
    assert remote(value, target) == sent


def test_a_new_object_has_what_is_known_under_the_tenants_keys() -> None:
    plan = plan_of(
        [
            Target("tag", "text", ("name",), required=True),
            Target("state", "enum", ("status",), required=True, options=(("on", "Active"),)),
            Target("meterPoint", "enum", required=True),
            Target("currentKw", "number"),
            Target("level", "text", ("notes",)),
        ]
    )
    general = {"name": "main", "status": ACTIVE, "currentKw": 3.0, "model": "X", "notes": "no"}
    assert new_object(general, plan, "s-1") == (
        {
            "entity": "POWERMETER",
            "level": 277,
            "comboKey": "SUB:s-1|ENT:",
            "tag": "main",
            "state": "on",
        },
        ("meterPoint",),
    )


def test_an_object_has_a_name_even_where_the_definition_has_none() -> None:
    body, missing = new_object({"name": "main"}, Plan({}), "s")
    assert (body["name"], missing) == ("main", ())


def test_a_field_that_both_sides_added_is_filled() -> None:
    added = {"area": 12.5, "costCentre": "C-7", "leased": "2026-01-31", "tenant": ACTIVE}
    kinds = {"area": "number", "costCentre": "text", "leased": "date", "tenant": "enum"}
    plan = plan_of([Target(key, kind, required=True) for key, kind in kinds.items()])
    body, missing = new_object({"name": "main", **added}, plan, "s")
    assert {key: body[key] for key in added} == added | {"tenant": 1}
    assert missing == ()
    other = plan_of([Target(key, "sparkline") for key in added] + [Target("currentKw", "text")])
    assert new_object({"name": "main", "currentKw": "1", **added}, other, "s")[0].keys() == {
        "entity",
        "level",
        "comboKey",
        "name",
    }


def test_a_definition_as_this_program_itself_shows_one() -> None:
    fields = [
        FieldSpec("realPower", "currentKw", "Power", "number"),
        FieldSpec("voltage", "voltage", "Voltage", "text", was="number"),
        FieldSpec("status", "status", "Status", "enum", required=True, options=("On", "Active")),
    ]
    plan = plan_of(targets(definition(fields)))
    assert plan.targets["currentKw"].key == "realPower"
    assert plan.unfit == {"voltage": "text"}
    assert plan.required == ("status",)
    assert remote(ACTIVE | {"id": 9}, plan.targets["status"]) == 2
