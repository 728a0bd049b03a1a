"""Whether an agent has restarted: rows are (seconds since, sysUpTime in hundredths, restarted)."""

from __future__ import annotations

import pytest

from meterd.readers.snmp.uptime import Uptime

DAYS = {
    "it goes on": "0 5000 no; 10 6000 no; 10 7000 no",
    "it fell": "0 5000 no; 10 300 yes; 10 1300 no",
    "it restarted while nobody asked for long": "0 5000 no; 1000 60000 yes",
    "a slow clock is no restart": "0 5000 no; 1000 103500 no",
    "a late answer is no restart": "0 5000 no; 12 6000 no",
    "d12 it wraps": "0 4294967000 no; 10 704 no; 10 1704 no",
    "d12 it wraps while nobody asks": "0 4294900000 no; 10000 932704 no",
    "it restarted just before it would have wrapped": "0 4294967000 no; 1000 500 yes",
    "it wrapped and restarted": "0 4294967000 no; 1000 99004 no; 10 100 yes",
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_uptime(day: str) -> None:
    uptime, now_ms = Uptime(), 1_000_000
    for row in day.split(";"):
        seconds, ticks, restarted = row.split()
        now_ms += int(seconds) * 1000
        assert uptime.restarted(int(ticks), now_ms) == (restarted == "yes"), row
