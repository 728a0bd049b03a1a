"""Sound input of every kind, from which the cases are made."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.shapes.history.test_espi import block, kind, meter, reading
from tests.shapes.history.test_nem12 import B1, E1, HEAD, day
from tests.shapes.statement.case import facts

from meterd.shapes.statement.greenbutton import greenbutton
from meterd.shapes.statement.statement import statement

ROOT: Final = Path(__file__).parents[2]

CONFIGS: Final = (
    (ROOT / "config" / "meterd.yaml").read_bytes(),
    (ROOT / "tests" / "config" / "contract.yaml").read_bytes(),
    b"site: {name: hq, timezone: UTC}\nmeters: []\n",
    b"""site: &s {name: hq, timezone: Europe/Berlin, cost_per_kwh: "0.3"}
connections: {api: {protocol: push}, hall: {protocol: modbus_tcp, host: 10.0.0.1}}
meters:
  - {name: main, connection: hall, address: 1, profile: eastron/sdm630, every: 100ms}
  - {name: sum, protocol: virtual, points: {active_power: {expression: "main.active_power * 2"}}}
  - {name: plug, connection: api, points: {energy_import: {modulus: 4294967.296, max_kw: 1e3}}}
records: [{name: Line 1, usage: main.energy_import, cutover: {schedule: "0 6 * * mon-fri"}}]
bills: [{name: a, billing_day: 31, sources: [{meter: main, kind: best}], tariff: t, grace: 24h}]
tariffs: {t: {energy: [{name: x, rate: "0.1", when: {months: 10-5, days: mon-fri, hours: 22-6}}]}}
""",
)
CSV: Final = (
    b"""time,meter,energy_import,volume,serial_number,uptime,age_s
2026-01-01T00:00:00Z,main,1234.5,1.25,A-17,86400,
2026-01-01T00:00:10+01:00,main,1235,,,,5
2026-01-01T00:00:20Z,rack-12,0.001,,,,
""",
    b'time,meter,energy_import\r\n"2026-01-01T00:00:00.250Z","main","7"\r\n',
)
JSONL: Final = (
    b"""{"time":"2026-01-01T00:00:00Z","meter":"main","energy_import":1234.5,"uptime":1}
{"time":"2026-01-01T00:00:10Z","meter":"rack-12","energy_import":"12","age_s":2}
""",
    b'{"time":"2026-01-01T00:00:00Z","meter":"main","volume":null}\n',
)
HISTORY: Final = (
    b"start,end,kwh\n2025-01-01T00:00:00Z,2025-01-01T00:05:00Z,0.25\n",
    b"start,kwh,quality\n2025-01-01T00:00:00Z,0.25,good\n2025-01-01T00:05:00Z,1e-3,bad\n",
)
NEM12: Final = tuple(
    "\r\n".join(lines).encode()
    for lines in (
        (HEAD, E1, day(), "900"),
        (HEAD, E1, day("V"), "400,1,20,F14,76,", "400,21,48,A,,", B1, day(), "900"),
    )
)
ESPI: Final = (
    greenbutton(statement(facts()), facts()).encode(),
    (
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        f"{kind(powerOfTenMultiplier='3')}{meter()}{block(1, reading(), reading(quality='8'))}"
        "</feed>"
    ).encode(),
)
MESSAGES: Final = (
    b"1234.5", b' {"Time":"x","ENERGY":{"Total":12.5,"Power":3}} ', b'{"ENERGY":{"Total":"7"}}',
    b'{"ENERGY":[1,2]}', b"", b"null",
)  # fmt: skip
LINES: Final = (
    b"main energy_import=501.2 1767268800000000000\n",
    b"energy,meter=rack-12,site=hq energy_import=12i\n# note\nmain volume=1.5,energy_import=3u\n",
    b'main serial_number="A\\"17",energy_import=7 1767268800\n',
)
TEXTS: Final = (
    b"main.active_power - pv.active_power * 0.5", b"max(main.current, pv.current, 2)",
    b"pv.current if main.current > 5 else 0", b"not (main.current >= 5 and 1 < 2)",
    b'meter("main").energy_import + pv.energy_import', b"-(-(1 + 2) * 3) / main.current",
    b"(" * 90 + b"1" + b")" * 90, b"-" * 150 + b"1", b"not " * 90 + b"1", b"9 ** 9 ** 9 ** 9",
    b"main.current if 1 else " * 40 + b"2", b"1e99 * " * 60 + b"1e99", b"1 / (main.current - 1.5)",
    b"max(" * 40 + b"1" + b", 2)" * 40, b"9" * 400, b"1 if 1 < 2 < 3 else 4", b"[0] * 99999999",
    b"__import__('os').system('true')", b"main.__class__", b"(lambda: 1)()", b"[1][0]", b"1 ** 999",
)  # fmt: skip
