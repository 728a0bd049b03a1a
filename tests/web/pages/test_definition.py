"""The definition of a power meter as a page."""

from __future__ import annotations

import msgspec
from tests.web.pages.seen import markup, seen, table, words

from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.definition import definition


def test_fields_come_by_panel_in_the_order_of_their_form(store: SqliteStore) -> None:
    given = seen()
    sheet = definition(given, store.reader())
    assert [one.caption for one in sheet.tables] == [
        "General", "Readings", "Consumption", "Thresholds", "Maintenance",
    ]  # fmt: skip
    general = table(sheet, "general")
    assert general[0] == ["1", "Name", "name", "text", "yes", ""]
    point = next(row for row in general if row[2] == "meterPoint")
    assert point[3:5] == ["enum", "yes"]
    assert point[5].startswith("1 Utility Entrance, 2 Main Switchgear")
    assert [row[5] for row in general if row[2] == "building"] == ["refers to BUILDING"]
    assert [row[5] for row in general if row[2] == "description"] == ["several lines"]
    assert {row[5] for row in table(sheet, "readings")} == {"is read, cannot be set"}
    assert f"{len(given.site.fields)} fields" in words(markup(sheet, given))


def test_a_field_that_was_renamed_says_what_it_was(store: SqliteStore) -> None:
    given = seen()
    first, second, *rest = given.site.fields
    fields = (first, msgspec.structs.replace(second, code="displayName"), *rest)
    given = msgspec.structs.replace(given, site=msgspec.structs.replace(given.site, fields=fields))
    assert table(definition(given, store.reader()), "general")[1][5] == "as shipped: meterName"
