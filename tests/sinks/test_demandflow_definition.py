"""Definitions as administrators and their tools write them, and bodies as servers send them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sinks.tenant import field, panels

from meterd.sinks.demandflow_definition import (
    DEPTH_MAX,
    Target,
    WrongBodyError,
    decoded,
    rows,
    targets,
)

KW = field("currentKw", "number")
DEFINITIONS: dict[str, Any] = {
    "panels as JSON text": {"id": "POWERMETER", "definition": panels([KW])},
    "panels as they are": {"definition": json.loads(panels([KW]))},
    "a plain list of fields": {"fields": [KW]},
    "fields by name": {"fields": {"currentKw": {"type": "Number"}}},
    "a schema": {"definition": {"properties": {"currentKw": {"type": "number"}}}},
    "a row that has an id": {"rows": [{"id": "row1", "type": "form", "fields": [KW]}]},
    "a condition in the field": {"fields": [KW | {"visibility": {"id": "x", "type": "date"}}]},
    "an id that is a number": {"fields": [{"id": 17, "code": "currentKw", "type": "number"}]},
    "an id that is none": {"fields": [{"id": "0a-1b", "code": "currentKw", "type": "number"}]},
}


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_a_field_is_found_wherever_it_stands(definition: Any) -> None:
    found = {target.key: target.type for target in targets(definition)}
    assert found.pop("currentKw") == "number"
    assert found.keys() <= {"activity"}, "the row of another type, which nothing of ours is"


@pytest.mark.parametrize(
    "definition",
    [
        *(None, [], "text", {}, {"id": "POWERMETER", "type": "number"}, {"definition": "{"}),
        {"fields": ["currentKw", {"id": "a"}, {"type": "number"}, {"id": "a", "type": 3}]},
    ],
)
def test_what_is_no_definition_has_no_fields(definition: Any) -> None:
    assert targets(definition) == []


def test_what_a_field_says_of_itself() -> None:
    options = [{"id": 1, "text": "Active"}, {"id": "two", "label": "Planned"}, {"text": "?"}, 3]
    said = {
        "id": "state",
        "code": "status",
        "original": "state",
        "originalName": 5,
        "type": "indexedSelect",
        "label": "State",
        "required": True,
        "options": options,
    }
    assert targets({"fields": [said, said | {"label": "again"}]}) == [
        Target(
            "state",
            "indexedselect",
            ("status",),
            "State",
            True,
            ((1, "Active"), ("two", "Planned")),
        )
    ]
    assert targets({"fields": [said | {"options": None, "required": "yes"}]})[0] == Target(
        "state", "indexedselect", ("status",), "State"
    )


def test_a_field_of_a_type_nobody_knows_is_a_field_all_the_same() -> None:
    fields = {"fields": {"voltage": {"type": "sparkline", "style": {"id": "red"}}, "note": 3}}
    assert targets(fields) == [Target("voltage", "sparkline")]


def test_a_bottomless_definition_has_a_bottom() -> None:
    node: Any = KW
    for _ in range(DEPTH_MAX + 1):
        node = {"rows": [node]}
    assert targets({"panels": [node]}) == []


LISTS = {
    "an array": b' [{"id":"1"},{"id":"2"}]\n',
    "one a line": b'{"id":"1"}\n\n{"id":"2"}\n',
}


@pytest.mark.parametrize("body", LISTS.values(), ids=LISTS.keys())
def test_a_list_as_both_are_documented(body: bytes) -> None:
    assert rows(body) == [{"id": "1"}, {"id": "2"}]


def test_an_empty_list() -> None:
    assert rows(b"[]") == rows(b"\n") == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[{", "no JSON"),
        (b'{"id":"1"}\n{"id":', "no JSON"),
        (b"<html>", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[3]", "what is no object"),
        (b'[{"id":"1"},{"_type":"error","message":"throttled"}]', "broke off: throttled"),
        (b'{"_type":"error","error":"E"}', "broke off: E"),
    ],
)
def test_half_a_list_is_none(body: bytes, why: str) -> None:
    with pytest.raises(WrongBodyError, match=why):
        rows(body)


def test_json_that_is_some() -> None:
    assert decoded('{"id": "x"}') == decoded(b'{"id": "x"}') == {"id": "x"}
