"""Readers are found by the configuration's word for them, and have the same functions."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest

from meterd.config.connections import Connection
from meterd.readers.protocols import reader

SENT_IN = {"manual", "push"}
"""Nobody reads these."""
READ = sorted({str(kind.__struct_config__.tag) for kind in get_args(Connection)} - SENT_IN)


@pytest.mark.parametrize("protocol", READ)
def test_a_reader_has_the_functions_of_its_siblings(protocol: str) -> None:
    module = reader(protocol)
    expected = {"run": 4, "read_once": 4, "plan_cycle": 1}
    found = {name: len(inspect.signature(getattr(module, name)).parameters) for name in expected}
    assert found == expected
