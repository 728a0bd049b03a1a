"""From the meters of the file to the links of the power chain."""

from __future__ import annotations

from collections.abc import Iterable

from meterd.config.meters import MeterConfig
from meterd.config.places import KINDS
from meterd.metering.thresholds import UNWATCHED
from meterd.specs import ChainMeter, MeterSpec


def chain_meter(meter: MeterConfig, spec: MeterSpec) -> ChainMeter:
    """A meter as a link. spec: the same meter, compiled."""
    counts = {register.quantity: register.count for register in spec.registers}
    tolerance = meter.tolerance_percent
    return ChainMeter(
        name=meter.name,
        point=meter.meter_point or "",
        parent=meter.parent,
        feed=meter.feed_path or "",
        place=tuple(getattr(meter, kind) for kind in KINDS),
        accuracy_class=meter.accuracy_class or "unknown",
        count_j=counts.get("energy_import", 1),
        measures=spec.status not in UNWATCHED and (meter.has_energy or bool(spec.estimate)),
        tolerance_percent=None if tolerance is None else float(tolerance),
        transformers=tuple(_transformers(meter)),
    )


def _transformers(meter: MeterConfig) -> Iterable[str | None]:
    """The class of each transformer there is; None where a ratio alone says that there is one."""
    for ratio, named in ((meter.ct_ratio, meter.ct_class), (meter.pt_ratio, meter.pt_class)):
        if ratio is not None or named is not None:
            yield named
