"""The style sheet, the script and the icon."""

from __future__ import annotations

import pytest
from tests.web.asking import Client

from meterd.web.static import FOR_EVER, TYPES, address


@pytest.mark.parametrize("name", TYPES)
async def test_a_file_is_kept_for_ever_by_its_content(browser: Client, name: str) -> None:
    answer = await browser.ask(address(name))
    assert (answer.status, answer.headers["Cache-Control"]) == (200, FOR_EVER)
    assert answer.headers["Content-Type"] == f"{TYPES[name]}; charset=utf-8"


async def test_there_is_no_other_file(browser: Client) -> None:
    answer = await browser.ask("/static/meterd.html")
    assert answer.status == 404
    assert "Did you mean 'meterd." in answer.json["detail"]
