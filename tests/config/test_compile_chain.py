"""Meters as links of the power chain: what their energy has passed through."""

from __future__ import annotations

import pytest

from meterd.config.compile_chain import chain_meter
from meterd.config.meters import MeterConfig
from meterd.specs import MeterSpec


@pytest.mark.parametrize(
    ("given", "classes"),
    [
        ({}, ()),
        ({"ct_class": "0.5S"}, ("0.5S",)),
        ({"ct_class": "0.5", "pt_class": "1.0"}, ("0.5", "1.0")),
    ],
)
def test_transformers_have_a_class_or_none_that_is_known(
    given: dict[str, str], classes: tuple[str, ...]
) -> None:
    config = MeterConfig(name="main", **given)  # type: ignore[arg-type]  # as the file has it
    assert chain_meter(config, MeterSpec("main")).transformers == classes
