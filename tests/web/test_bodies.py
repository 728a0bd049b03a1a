"""From what the API is sent to the words of the configuration file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from meterd.config.definitions import DefinitionConfig, FieldConfig
from meterd.config.fields import SHIPPED, fields_of
from meterd.config.findings import Finding
from meterd.config.meters import MeterConfig
from meterd.web.bodies import OWN, changed, decoded, misfits
from meterd.web.problems import Problem

FIELDS = fields_of(
    DefinitionConfig(
        add={"tenant": FieldConfig(required=True)},
        rename={"meterName": "title", "tenant": "customer"},
        optional=("meterPoint", "status"),
    )
)


def wrong(asked: dict[str, Any], before: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as refused:
        changed(asked, FIELDS, before or {})
    assert refused.value.status == 422
    return list(refused.value.errors)


def test_fields_become_the_files_keys_in_its_order() -> None:
    asked = {"points": {}, "customer": "ACME", "title": "Main", "costPerKwh": 0, "name": "main",
             "protocol": "virtual", "address": 1, "comboKey": "x"}  # fmt: skip
    body = changed(asked, FIELDS, {})
    assert body == {
        "name": "main", "meter_name": "Main", "cost_per_kwh": Decimal(0), "address": 1,
        "protocol": "virtual", "custom": {"tenant": "ACME"},
    }  # fmt: skip
    assert [key for key in MeterConfig.__struct_fields__ if key in body] == list(body)


def test_what_is_there_stays_unless_it_is_changed() -> None:
    before = {"name": "main", "notes": "old", "every": "5s", "custom": {"tenant": "ACME"}}
    assert changed({}, FIELDS, before) == before
    assert changed({"notes": None, "every": None}, FIELDS, before) == {
        "name": "main", "custom": {"tenant": "ACME"},
    }  # fmt: skip
    assert before["custom"] == {"tenant": "ACME"}
    assert changed({"customer": "B"}, FIELDS, before)["custom"] == {"tenant": "B"}
    assert before["custom"] == {"tenant": "ACME"}, "what was given is not touched"


def test_what_is_required_is_asked_for_once() -> None:
    assert wrong({}) == [("name", "is required"), ("customer", "is required")]
    assert [field for field, _ in wrong({"name": 5})] == ["name", "customer"]
    before = {"name": "main", "custom": {"tenant": "ACME"}}
    assert wrong({"customer": None}, before) == [("customer", "is required")]


def test_our_own_keys_are_all_that_is_no_field() -> None:
    assert set(OWN) >= {"connection", "address", "profile", "every", "parent", "points", "demand"}
    assert not {"name", "protocol", "custom", "building", "serial_number"} & set(OWN)


def test_a_field_that_is_near_is_named() -> None:
    asked = {"notess": 1, "conection": 1, "zzz": 1, "titel": 1, "meterName": 1}
    told = dict(wrong({"name": "a", "customer": "A", **asked}))
    assert "Did you mean 'title'?" in told["titel"], "by the name it has here"
    assert "is no field. It is title here." in told["meterName"]
    assert "Did you mean 'notes'?" in told["notess"]
    assert "Did you mean 'connection'?" in told["conection"]
    assert told["zzz"].startswith("is no field. GET /v1/objects/POWERMETER?entity=DEFINITION")


def test_what_the_checks_find_is_told_by_the_fields_own_name() -> None:
    problem = misfits(
        [
            Finding("meter_name", 0, 0, "a", "A."),
            Finding("custom.tenant", 0, 0, "b", ""),
            Finding("points.energy_import.unit", 0, 0, "c", "C."),
            Finding("", 0, 0, "d", "D."),
        ],
        FIELDS,
    )
    assert problem.errors == (
        ("title", "a. A."), ("customer", "b."), ("points.energy_import.unit", "c. C."),
        ("name", "d. D."),
    )  # fmt: skip


def test_numbers_keep_every_digit() -> None:
    assert decoded(b'{"a": 0.10, "b": 3}') == {"a": Decimal("0.10"), "b": 3}


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"5", b"{", b'{"a": 1e9999999999999999999}'])
def test_a_body_is_one_object(data: bytes) -> None:
    with pytest.raises(Problem) as refused:
        decoded(data)
    assert refused.value.status == 400


def test_every_field_of_the_seed_is_a_key_of_the_file_or_read_only() -> None:
    asked = {
        code: 1 if field.type in {"number", "enum"} else "2026-01-31"
        for code, field in SHIPPED.items()
        if not field.readonly and code not in {"name", "currency"}
    }
    body = changed({**asked, "name": "main", "currency": "EUR"}, tuple(SHIPPED.values()), {})
    assert body.keys() <= set(MeterConfig.__struct_fields__)
    assert len(body) == len(asked) + 2
