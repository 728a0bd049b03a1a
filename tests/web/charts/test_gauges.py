"""Small bars: how full, how due, of what parts."""

from __future__ import annotations

import pytest

from meterd.web.charts import mix, progress


@pytest.mark.parametrize(
    ("part", "ahead", "level"), [(0.5, 0.9, "well"), (0.5, 1.2, "close"), (1.2, 1.3, "over")]
)
def test_a_bar_says_how_it_stands(part: float, ahead: float, level: str) -> None:
    drawn = progress(part, "half", due=0.5, ahead=ahead)
    assert f'class="fill {level}"' in drawn
    assert "<title>half</title>" in drawn
    assert 'class="due"' in drawn
    assert ('class="whole"' in drawn) == (ahead > 1)


def test_nothing_used_is_an_empty_track() -> None:
    drawn = progress(0, "nothing")
    assert "fill" not in drawn.replace("fill=", "")
    assert "due" not in drawn


def test_parts_stand_side_by_side_and_estimates_are_hatched() -> None:
    drawn = mix([("measured", 0.75), ("integrated", 0.0), ("estimated", 0.25)], "three parts")
    assert 'class="share measured" x="0" y="0" width="120"' in drawn
    assert 'class="share estimated" x="120"' in drawn
    assert "integrated" not in drawn
    assert "url(#hatch)" in drawn
