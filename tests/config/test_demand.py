"""What a demand window inherits."""

from __future__ import annotations

import pytest

from meterd.config.demand import demand_spec
from meterd.config.site import DemandConfig
from meterd.specs import DemandSpec

M = 60_000
NONE = DemandConfig()
SITE = DemandConfig(window=30 * M, step=10 * M, quantity="kva")

WINDOWS = {
    "nothing is said": (NONE, NONE, 5 * M, DemandSpec(15 * M, 15 * M)),
    "long intervals": (NONE, NONE, 60 * M, DemandSpec(60 * M, 60 * M)),
    "intervals that do not fill fifteen minutes": (
        NONE, NONE, 10 * M, DemandSpec(20 * M, 20 * M),
    ),
    "the site says": (NONE, SITE, 5 * M, DemandSpec(30 * M, 10 * M, "kva")),
    "an own window is its own step": (
        DemandConfig(window=5 * M), SITE, 5 * M, DemandSpec(5 * M, 5 * M, "kva"),
    ),
    "an own step rolls the site's window": (
        DemandConfig(step=5 * M), SITE, 5 * M, DemandSpec(30 * M, 5 * M, "kva"),
    ),
    "an own step rolls fifteen minutes": (
        DemandConfig(step=5 * M), NONE, 5 * M, DemandSpec(15 * M, 5 * M),
    ),
    "an own quantity in the site's window": (
        DemandConfig(quantity="kw"), SITE, 5 * M, DemandSpec(30 * M, 10 * M, "kw"),
    ),
    "all its own": (
        DemandConfig(window=60 * M, step=15 * M, quantity="kw"), SITE, 5 * M,
        DemandSpec(60 * M, 15 * M, "kw"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WINDOWS)
def test_a_demand_window(what: str) -> None:
    own, site, sampling_ms, spec = WINDOWS[what]
    assert demand_spec(own, site, sampling_ms) == spec
