"""The DEFINITION object, and meters shown by it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meterd import shapes
from meterd.config.definitions import DefinitionConfig, FieldConfig, RetypeConfig
from meterd.config.fields import SHIPPED, fields_of
from meterd.shapes.definition import converted, defined
from meterd.specs import FieldSpec, MeterSpec
from meterd.views import MeterView

CHANGED = fields_of(
    DefinitionConfig(
        add={"tenant": FieldConfig(label="Tenant"), "hall": FieldConfig("reference", to="ROOM")},
        remove=("rack", "frequency"),
        rename={"meterName": "displayName", "voltage": "volts", "tenant": "customer"},
        retype={"serialNumber": "number", "currentKw": "text", "status": "text"},
        require=("serialNumber",),
    )
)
SPEC = MeterSpec(
    "main",
    general={
        "name": "main", "meterName": "Main", "status": {"id": 1, "label": "Active"},
        "rack": "r12", "serialNumber": "0815", "tenant": "ACME",
    },
)  # fmt: skip
VIEW = MeterView(
    "main", True, 1, "good", {"currentKw": 12.5, "voltage": 230.0, "frequency": 50.0},
    {"voltage": 230.0, "frequency": 50.0, "temperature": 21.0}, {}, {},
)  # fmt: skip


def test_a_definition_says_what_it_is_of() -> None:
    shown = shapes.definition(tuple(SHIPPED.values()))
    assert {key: shown[key] for key in ("id", "entity", "displayName", "plural", "level")} == {
        "id": "POWERMETER", "entity": "DEFINITION", "displayName": "Power Meter",
        "plural": "Power Meters", "level": 277,
    }  # fmt: skip
    assert shown["panels"] == ["General", "Readings", "Consumption", "Thresholds", "Maintenance"]
    assert [field["code"] for field in shown["fields"]] == list(SHIPPED)


def test_a_field_says_all_that_a_form_needs() -> None:
    fields = {field["code"]: field for field in shapes.definition(CHANGED)["fields"]}
    assert fields["verificationResult"] == {
        "code": "verificationResult", "label": "Verification Result", "type": "enum",
        "panel": "Maintenance", "required": False, "readonly": False,
        "options": [
            {"id": 1, "label": "Pass"}, {"id": 2, "label": "Marginal"}, {"id": 3, "label": "Fail"},
            {"id": 4, "label": "Not Tested"},
        ],
    }  # fmt: skip
    assert fields["notes"]["multiline"] is True
    assert fields["building"]["reference"] == "BUILDING"
    assert (fields["hall"]["type"], fields["hall"]["reference"]) == ("reference", "ROOM")
    assert (fields["name"]["required"], fields["serialNumber"]["required"]) == (True, True)
    assert (fields["currentKw"]["readonly"], fields["currency"]["readonly"]) == (True, False)
    assert "options" not in fields["name"]


def test_a_field_that_goes_by_another_name_says_which_it_was() -> None:
    fields = {field["code"]: field for field in shapes.definition(CHANGED)["fields"]}
    assert fields["displayName"]["original"] == "meterName"
    assert fields["customer"]["original"] == "tenant"
    assert "original" not in fields["name"]
    assert not {"meterName", "rack", "tenant"} & fields.keys()


def test_a_meter_is_shown_by_the_definition() -> None:
    shown = shapes.powermeter(SPEC, VIEW, CHANGED)
    assert list(shown) == [field.code for field in CHANGED]
    assert (shown["displayName"], shown["customer"], shown["hall"]) == ("Main", "ACME", None)
    assert (shown["serialNumber"], shown["status"], shown["volts"]) == (815, "Active", 230.0)
    assert shown["currentKw"] == "12.5"
    assert not {"rack", "frequency", "voltage", "meterName", "tenant"} & shown.keys()


def test_what_the_definition_removed_does_not_come_back_by_another_door() -> None:
    shown = shapes.meter(SPEC, VIEW, CHANGED)
    assert not {"frequency", "voltage"} & shown.keys()
    assert shown["temperature"] == 21.0
    assert shown["quantities"]["frequency"] == {"value": 50.0, "unit": "Hz"}


def test_what_is_no_field_at_all_follows_as_it_is() -> None:
    values = {"a": 1, "b": 2, "c": 3}
    field = FieldSpec("x", "a", "A", "number")
    assert defined(values, (field,), ("b",)) == {"x": 1, "c": 3}


@pytest.mark.parametrize(
    ("was", "kind", "value", "shown"),
    [
        ("enum", "text", {"id": 1, "label": "Active"}, "Active"),
        ("number", "text", 12.5, "12.5"),
        ("number", "text", 3, "3"),
        ("text", "number", "0815", 815),
        ("text", "number", "1.5", 1.5),
        ("text", "number", "x1", None),
        ("text", "number", "inf", None),
        ("text", "date", "2026-01-31", "2026-01-31"),
        ("text", "date", "soon", None),
        ("text", "datetime", "2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00Z"),
        ("text", "datetime", "2026-01-31T12:00:00", None),
        ("text", "enum", "South", {"id": 2, "label": "South"}),
        ("text", "enum", "East", None),
        ("text", "reference", "a", "a"),
        ("reference", "text", "a", "a"),
        ("text", "number", None, None),
        ("", "number", "as it is", "as it is"),
    ],
)
def test_a_field_of_another_type_shows_what_fits_it(
    was: str, kind: str, value: Any, shown: Any
) -> None:
    field = FieldSpec("f", "f", "F", kind, options=("North", "South"), was=was)
    found = converted(field, value)
    assert (type(found), found) == (type(shown), shown)


def test_a_reference_may_become_a_choice() -> None:
    changes = DefinitionConfig(retype={"room": RetypeConfig("enum", ("A", "B"))})
    field = next(field for field in fields_of(changes) if field.code == "room")
    spec = msgspec.structs.replace(SPEC, general={"room": "B"})
    assert shapes.powermeter(spec, None, (field,)) == {"room": {"id": 2, "label": "B"}}
