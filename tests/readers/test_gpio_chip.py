"""How lines are asked of a chip. What a real chip does with it, only real hardware tells."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
from gpiod.line import Bias, Clock, Edge
from tests.readers.pulses import link, point

from meterd.readers import gpio_chip
from meterd.readers.line import ReadFailed
from meterd.readers.pulse import _by_gpiod


def test_a_line_is_set_as_its_point_says() -> None:
    asked = gpio_chip.setting(point(edge="both", bias="pull_up", debounce_ms=20))
    assert (asked.edge_detection, asked.bias) == (Edge.BOTH, Bias.PULL_UP)
    assert asked.debounce_period == timedelta(milliseconds=20)
    assert asked.event_clock == Clock.MONOTONIC


@pytest.mark.parametrize("chip", ["/dev/gpiochip99", "/dev/null"])
def test_what_is_no_chip_is_named(chip: str) -> None:
    with pytest.raises(ReadFailed, match=f"{chip}: ") as caught:
        _by_gpiod(chip, link(point()).devices[0].points)
    assert (caught.value.reason, caught.value.link_down) == ("open", True)


def test_without_gpiod_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "meterd.readers.gpio_chip")
    monkeypatch.setitem(sys.modules, "gpiod", None)
    with pytest.raises(ReadFailed, match=r"pip install 'meterd\[gpio\]'"):
        _by_gpiod("/dev/gpiochip0", ())
