"""What a field takes, and as what it is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from meterd.config.definitions import DefinitionConfig, FieldConfig, RetypeConfig
from meterd.config.field_values import NOTE_MAX, TEXT_MAX, kept, plain_text
from meterd.config.fields import fields_of
from meterd.config.values import WrongValueError

FIELDS = {
    field.source: field
    for field in fields_of(
        DefinitionConfig(
            add={
                "tier": FieldConfig(type="enum", options=("Gold", "Silver", "active")),
                "seen": FieldConfig(type="datetime"),
                "feeder": FieldConfig(type="reference"),
            },
            retype={
                "serialNumber": "number",
                "meterType": "text",
                "room": RetypeConfig("enum", ("North", "South")),
                "ctRatio": "date",
                "ratedCapacityKw": "text",
            },
        )
    )
}

GOOD = [
    ("model", "B23", "B23"),
    ("model", "", ""),
    ("notes", "one\ntwo\tthree", "one\ntwo\tthree"),
    ("notes", "x" * NOTE_MAX, "x" * NOTE_MAX),
    ("model", "Zähler 😀", "Zähler 😀"),
    ("warningThresholdPercent", 80, Decimal(80)),
    ("warningThresholdPercent", 80.5, Decimal("80.5")),
    ("warningThresholdPercent", Decimal("0.1"), Decimal("0.1")),
    ("installDate", "2026-01-31", "2026-01-31"),
    ("seen", "2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
    ("building", "a", "a"),
    ("building", {"id": "a", "label": "Building A"}, "a"),
    ("feeder", "main", "main"),
    ("meterPoint", 1, "utility_entrance"),
    ("meterPoint", 14, "virtual"),
    ("meterPoint", "Rack PDU", "rack_pdu"),
    ("meterPoint", "rack_pdu", "rack_pdu"),
    ("meterPoint", {"id": 9, "label": "Rack PDU"}, "rack_pdu"),
    ("meterPoint", {"id": 9}, "rack_pdu"),
    ("accuracyClass", 2, "0.5S"),
    ("accuracyClass", "0.5S", "0.5S"),
    ("protocol", 8, "manual"),
    ("tier", 1, "Gold"),
    ("tier", "Silver", "Silver"),
    ("tier", "active", "active"),
    ("serialNumber", 815, "815"),
    ("meterType", "CT Clamp", "ct_clamp"),
    ("room", 2, "South"),
    ("ctRatio", "2026-01-31", "2026-01-31"),
    ("ratedCapacityKw", "22.5", "22.5"),
]


@pytest.mark.parametrize(("source", "value", "as_kept"), GOOD)
def test_a_value_is_kept_as_the_file_has_it(source: str, value: Any, as_kept: Any) -> None:
    found = kept(FIELDS[source], value)
    assert (type(found), found) == (type(as_kept), as_kept)


BAD = [
    ("model", 5, "is not text"),
    ("model", ["B23"], "is not text"),
    ("model", "x" * (TEXT_MAX + 1), "is too long"),
    ("model", "two\nlines", "holds the control character U+000A"),
    ("notes", "bell\a", "holds the control character U+0007"),
    ("notes", "\ud800", "holds the control character U+D800"),
    ("notes", "\u2028", "holds the control character U+2028"),
    ("notes", "\uffff", "holds the control character U+FFFF"),
    ("notes", "\ufdd0", "holds the control character U+FDD0"),
    ("warningThresholdPercent", "80", "is not a number"),
    ("warningThresholdPercent", True, "is not a number"),
    ("warningThresholdPercent", float("nan"), "is not a number"),
    ("warningThresholdPercent", float("inf"), "is not a number"),
    ("warningThresholdPercent", {"value": 80}, "is not a number"),
    ("warningThresholdPercent", 1e300, "is out of all range"),
    ("installDate", "31.01.2026", "is no date"),
    ("installDate", "2026-02-30", "is not in the calendar"),
    ("installDate", 20260131, "is no date"),
    ("seen", "2026-01-31T12:00:00", "is no time with an offset"),
    ("seen", "soon", "is no time with an offset"),
    ("seen", 1, "is no time with an offset"),
    ("building", 1, "is not text"),
    ("building", {"name": "a"}, "is not text"),
    ("building", {}, "is not text"),
    ("meterPoint", 0, "is no option of it"),
    ("meterPoint", 15, "is no option of it"),
    ("meterPoint", True, "is no option of it"),
    ("meterPoint", 1.0, "is no option of it"),
    ("meterPoint", "Utility", "is no option of it"),
    ("meterPoint", {"id": 9, "label": "ATS / Transfer Switch"}, "is no option of it"),
    ("meterPoint", {"id": 9, "text": "Rack PDU"}, "is no option of it"),
    ("meterPoint", {}, "is no option of it"),
    ("tier", "gold", "is no option of it"),
    ("room", "a-101", "is no option of it"),
    ("meterType", "clamp", "is no option of it"),
]


@pytest.mark.parametrize(("source", "value", "trouble"), BAD)
def test_a_value_of_another_kind_is_refused(source: str, value: Any, trouble: str) -> None:
    with pytest.raises(WrongValueError) as wrong:
        kept(FIELDS[source], value)
    assert str(wrong.value) == trouble
    assert wrong.value.remedy.endswith(".")


def test_who_asks_for_no_option_is_told_which_there_are() -> None:
    with pytest.raises(WrongValueError) as wrong:
        kept(FIELDS["verificationResult"], 9)
    assert wrong.value.remedy == "Its ids are 1 (Pass), 2 (Marginal), 3 (Fail), 4 (Not Tested)."


def test_a_text_of_one_line_has_no_tab() -> None:
    assert plain_text("a\tb", multiline=True) == "a\tb"
    with pytest.raises(WrongValueError):
        plain_text("a\tb")
