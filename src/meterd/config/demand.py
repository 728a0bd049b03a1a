"""Demand windows: a bill or meter's own, else the site's, else fifteen minutes."""

from __future__ import annotations

from meterd.config.site import DemandConfig
from meterd.specs import DemandSpec


def demand_spec(own: DemandConfig, site: DemandConfig, sampling_ms: int) -> DemandSpec:
    """The window as it is, with all it inherits.

    A window that comes without a step is its own step. Where nothing is said, the window is
    fifteen minutes, or the next longer one that whole intervals of `sampling_ms` fill.
    """
    default = DemandSpec()
    window, step = own.window, own.step
    if window is None:
        step = step or site.step
        window = site.window
    if window is None:
        unit = step or max(1, sampling_ms)  # a wrong one has been reported
        window = -(-default.window_ms // unit) * unit
    return DemandSpec(
        window_ms=window,
        step_ms=step or window,
        quantity=own.quantity or site.quantity or default.quantity,
    )
