"""The same site three times: for meterd, for collectd, and for nobody in particular.

Each function writes what its program needs into a folder and returns the words to start it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final, NamedTuple

from bench.peers.meter import points

COLLECTD: Final = Path("/usr/sbin/collectd")
MOSQUITTO: Final = Path("/usr/sbin/mosquitto")


class Site(NamedTuple):
    """Where everything is. ports: of the meters. http: where /metrics is to be served."""

    folder: Path
    ports: list[int]
    points: int
    broker: int
    http: int


def mosquitto(folder: Path, port: int) -> list[str]:
    """The broker; it tells every second how many messages it was sent."""
    path = folder / "mosquitto.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "user root", "sys_interval 1"]
    path.write_text("\n".join(lines) + "\n")
    return [str(MOSQUITTO), "-c", str(path)]


def bare(site: Site) -> list[str]:
    """The loop that only exchanges frames."""
    script = Path(__file__).with_name("bare.py")
    return [sys.executable, str(script), str(site.points), *map(str, site.ports)]


def meterd(site: Site) -> list[str]:
    """The daemon with a store on the disk. JSON is YAML."""
    _profile(site)
    path = site.folder / "meterd.yaml"
    config = {
        "site": {"name": "bench", "timezone": "Europe/Berlin", "cost_per_kwh": "0.30"},
        "store": f"sqlite://{site.folder}/bench.db",
        "http": {"listen": f"127.0.0.1:{site.http}"},
        "mqtt": {"url": f"mqtt://127.0.0.1:{site.broker}"},
        "connections": {
            f"link{n}": {"protocol": "modbus_tcp", "host": "127.0.0.1", "port": port}
            for n, port in enumerate(site.ports)
        },
        "meters": [
            {"name": f"m{n}", "connection": f"link{n}", "address": 1, "every": "1s"}
            | {"profile": "./profile.yaml"}
            for n in range(len(site.ports))
        ],
    }
    path.write_text(json.dumps(config, indent=1))
    return [sys.executable, "-m", "meterd", "run", "-c", str(path)]


def _profile(site: Site) -> None:
    layout = {
        point.quantity: {"table": "input", "address": 2 * n, "type": "float32"}
        | ({"unit": point.unit} if point.unit else {})
        for n, point in enumerate(points(site.points))
    }
    profile = {"make": "Bench", "model": "Meter", "source": "bench/peers/meter.py"}
    text = json.dumps(profile | {"protocol": "modbus", "points": layout})
    (site.folder / "profile.yaml").write_text(text)


def collectd(site: Site) -> list[str]:
    """collectd 5.12 with its plugins as Debian ships them and their own defaults."""
    path = site.folder / "collectd.conf"
    lines = [
        f'BaseDir "{site.folder}"',
        f'PIDFile "{site.folder}/collectd.pid"',
        'Hostname "bench"',
        "Interval 1",
        *(f"LoadPlugin {name}" for name in ("modbus", "mqtt", "write_prometheus")),
        "<Plugin write_prometheus>",
        f'Host "127.0.0.1"\nPort "{site.http}"',
        "</Plugin>",
        '<Plugin mqtt>\n<Publish "bench">',
        f'Host "127.0.0.1"\nPort "{site.broker}"\nPrefix "collectd"',
        "</Publish>\n</Plugin>",
        "<Plugin modbus>",
    ]
    for n, point in enumerate(points(site.points)):
        lines += [f'<Data "{point.quantity}">', f"RegisterBase {2 * n}", "RegisterType Float"]
        lines += ["RegisterCmd ReadInput", f'Type gauge\nInstance "{point.quantity}"', "</Data>"]
    collect = [f'Collect "{point.quantity}"' for point in points(site.points)]
    for n, port in enumerate(site.ports):
        lines += [f'<Host "m{n}">', f'Address "127.0.0.1"\nPort "{port}"', "Interval 1"]
        lines += ["<Slave 1>", *collect, "</Slave>", "</Host>"]
    path.write_text("\n".join([*lines, "</Plugin>", ""]))
    return [str(COLLECTD), "-f", "-C", str(path)]
