"""Every format there is, of one statement."""

from __future__ import annotations

import json

import pytest
from tests.shapes.statement.case import facts

from meterd.shapes.statement.formats import FORMATS, written

BEGINS = {
    "text": b"Statement of tenant\n",
    "html": b"<!doctype html>",
    "json": b"{\n",
    "csv": b"section,item",
    "greenbutton": b"<?xml",
    "pdf": b"%PDF-1.4",
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_what_it_says_and_the_same_each_time(name: str) -> None:
    document = written(facts(), name)
    assert document.startswith(BEGINS[name])
    assert document == written(facts(), name)


def test_json_has_everything_exact() -> None:
    found = json.loads(written(facts(), "json"))
    assert found["shares"]["gap"] == "0.02"
    assert found["sources"][0]["start"]["lifetime_kwh"] == "1080"
