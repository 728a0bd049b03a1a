"""The page of devices is the one that the profiles make."""

from __future__ import annotations

from tests.house.devices import PAGE, page


def test_the_page_of_devices_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make devices`"
