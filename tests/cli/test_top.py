"""`top`: meters and open bills as the running daemon has them."""

from __future__ import annotations

import json

from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

METER = {
    "name": "main", "availability": "online", "currentKw": 1.5, "voltagePhaseA": 230,
    "ampsPhaseA": 6.5, "kwhToday": 12, "alarms": [{"alarm": "load", "severity": "warning"}],
}  # fmt: skip
BILL = {
    "name": "tenant-a", "unit": "kWh",
    "periods": [
        {"status": "closed", "used": "1"},
        {
            "status": "open", "used": "7", "percent": "70",
            "cost": {"total": "2.10", "currency": "EUR"},
        },
        {"status": "closing", "used": "2", "cost": None},
    ],
}  # fmt: skip


def test_a_view_of_meters_and_open_bills(shell: Shell) -> None:
    shell.write()
    answers = [http("200 OK", json.dumps([METER])), http("200 OK", json.dumps([BILL]))]
    with answering(shell.store, *answers):
        out = shell.on("top", "--once").out
    assert out.splitlines()[0].split() == [
        "meter", "online", "kW", "V", "A", "today_kWh", "month_kWh", "last", "alarms",
    ]  # fmt: skip
    assert "main   yes     1.5  230  6.5  12" in out
    assert "load" in out
    assert "tenant-a  7     kWh   70" in out
    assert "2.10 EUR" in out


def test_without_a_daemon_it_says_so(shell: Shell) -> None:
    shell.write()
    assert "no daemon runs on this store" in shell.on("top", "--once", code=1).err
