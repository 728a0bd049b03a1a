"""Somebody has seen an alarm, and says so; it stands until its condition is over all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meterd.metering.alarm import AlarmState
from meterd.metering.calendar import iso
from meterd.metering.journal import Journal
from meterd.orders import REFUSED, Acknowledged

ACKNOWLEDGED: Final = "alarm_acknowledged"


def acknowledge(
    item: Acknowledged, by_kind: Mapping[str, Mapping[str, AlarmState]], journal: Journal
) -> list[str]:
    """Note it of every alarm that is meant and stands; the kinds of states that have changed.

    by_kind: the meter's alarms that stand, by "alarm/severity", by the kind of their state.
    What somebody has acknowledged already stays theirs. If none of them stands, it is refused.
    """
    meant = [
        (kind, name, alarm)
        for kind, alarms in by_kind.items()
        for name, alarm in alarms.items()
        if item.alarm in ("", name, name.partition("/")[0])
    ]
    if not meant:
        what = f"no alarm {item.alarm!r}" if item.alarm else "no alarm"
        why = f"{item.meter}: {what} stands"
        told: dict[str, Any] = {"alarm": item.alarm or None, "actor": item.actor, "why": why}
        journal.event(item.at_ms, f"acknowledgement{REFUSED}", item.meter, **told)
    changed = [one for one in meant if not one[2].seen_ms]
    for _kind, name, alarm in changed:
        alarm.seen_ms, alarm.seen_by = item.at_ms, item.actor
        which, _slash, severity = name.partition("/")
        told = {"alarm": which, "severity": severity, "since": iso(alarm.since_ms)}
        told |= {"actor": item.actor, **({"note": item.note} if item.note else {})}
        journal.event(item.at_ms, ACKNOWLEDGED, item.meter, **told)
    return list(dict.fromkeys(kind for kind, _name, _alarm in changed))
