"""The devices on every connection."""

from __future__ import annotations

from tests.web.pages.seen import markup, seen, table

from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.devices import device, devices
from meterd.web.world import DeviceView


def test_connections_and_their_devices_say_how_they_go(store: SqliteStore) -> None:
    given = seen()
    sheet = devices(given, store.reader())
    assert table(sheet, "connections") == [
        ["hall", "up", "1", "90", "0", "none", "0", "12.5 %"],
        ["riser", "down", "0", "0", "0", "none", "0", "–"],
    ]  # fmt: skip
    assert table(sheet, "connection-1") == [
        ["main", "stale", "90", "3", "2 timeout, 1 garbled", "12", "12.0", "3", "0"]
    ]
    assert "Nothing has been asked yet." in markup(sheet, given)


def test_a_meter_that_has_left_is_gone() -> None:
    row = device(seen(), "old", DeviceView())
    assert [cell.text for cell in row][:3] == ["old", "gone", "0"]
