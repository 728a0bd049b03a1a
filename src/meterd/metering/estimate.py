"""Power from volts and amperes, for sources that measure neither energy nor power."""

from __future__ import annotations


def estimate(gauges: dict[str, float], phase: str) -> tuple[float | None, bool]:
    """Power in kW from volts, amperes and power factor, and whether PF 1 was assumed.

    phase: "l1".."l3" for one; "" for the sum of the phases where the meter has them, else
    single-phase (seed 003, "V + A estimates").
    """
    if phase:
        return _volt_amperes(gauges, f"_{phase}")
    suffixes = [f"_l{n}" for n in (1, 2, 3)]
    seen = [s for s in suffixes if f"voltage{s}" in gauges or f"current{s}" in gauges]
    total_kw, assumed = 0.0, False
    for suffix in seen:
        power_kw, guess = _volt_amperes(gauges, suffix)
        if power_kw is None:  # half of a phase was read: the sum would be too low
            return _volt_amperes(gauges, "")
        total_kw, assumed = total_kw + power_kw, assumed or guess
    return (total_kw, assumed) if seen else _volt_amperes(gauges, "")


def _volt_amperes(gauges: dict[str, float], suffix: str) -> tuple[float | None, bool]:
    volts, amperes = gauges.get(f"voltage{suffix}"), gauges.get(f"current{suffix}")
    if volts is None or amperes is None:
        return None, False
    factor = gauges.get(f"power_factor{suffix}", gauges.get("power_factor"))
    return volts * amperes * (1.0 if factor is None else abs(factor)) / 1000, factor is None
