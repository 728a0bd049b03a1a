"""Do two hundred viewers make the daemon poll later?

Modbus TCP meters are polled every second by the daemon, with its store on the disk. By turns,
on the same running daemon, nobody looks, and 200 viewers do: each holds /v1/stream open and
loads a page every few seconds. Compared is how late the requests reach the meters behind the
whole second, as the meters themselves see it: 99 of a hundred came sooner.

    python bench/viewers.py [--meters 40] [--points 20] [--viewers 200] [--every 15]
                            [--seconds 20] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Final
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.peers import sites  # run from a checkout
from bench.peers.process import cpu_ms, free_port, running
from bench.peers.sites import Site

START_S: Final = 30
WARM_UP_S: Final = 5
PEERS: Final = Path(__file__).parent / "peers"


def told(process: subprocess.Popen[str], ask: bool = True) -> str:
    """A line of a peer, asked for by a line."""
    assert process.stdin is not None
    assert process.stdout is not None
    if ask:
        process.stdin.write("\n")
        process.stdin.flush()
    return process.stdout.readline()


def bill(folder: Path, count: int) -> None:
    """One bill of everything, so that there is one to look at."""
    path = folder / "meterd.yaml"
    config = json.loads(path.read_text())
    del config["mqtt"]
    config["meters"][0]["meter_point"] = "utility_entrance"
    for meter in config["meters"][1:]:
        meter["parent"] = "m0"
    sources = [{"meter": f"m{n}", "kind": "best"} for n in range(count)]
    config["bills"] = [{"name": "everything", "allowance": 1000, "sources": sources}]
    path.write_text(json.dumps(config))


def wait(http: int) -> None:
    """Until the daemon answers."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(OSError):
            urlopen(f"http://127.0.0.1:{http}/readyz", timeout=5).close()
            return
        time.sleep(0.1)
    raise SystemExit(f"the daemon did not answer within {START_S} s")


def window(
    devices: subprocess.Popen[str], daemon: subprocess.Popen[str], seconds: int
) -> tuple[float, float]:
    """(p99 of the lateness in ms, share of a processor) over so many seconds."""
    told(devices)
    cpu, began = cpu_ms(daemon.pid), time.monotonic()
    time.sleep(seconds)
    late: float = json.loads(told(devices))["late_ms"]
    return late, (cpu_ms(daemon.pid) - cpu) / 1000 / (time.monotonic() - began)


def in_turns(
    devices: subprocess.Popen[str], site: Site, options: argparse.Namespace
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Windows (without viewers, with viewers), by turns on one running daemon."""
    words = sites.meterd(site)
    bill(site.folder, options.meters)
    looks = [sys.executable, str(PEERS / "viewers.py"), str(site.http)]
    looks += [str(options.viewers), str(options.every)]
    alone: list[tuple[float, float]] = []
    watched: list[tuple[float, float]] = []
    with running(words, site.folder / "daemon.log") as daemon:
        wait(site.http)
        for _ in range(options.rounds):
            time.sleep(WARM_UP_S)
            alone.append(window(devices, daemon, options.seconds))
            with running(looks, site.folder / "viewers.log") as viewers:
                told(viewers, ask=False)
                time.sleep(WARM_UP_S)
                told(viewers)
                watched.append(window(devices, daemon, options.seconds))
                print("viewers:", told(viewers).strip())
    return alone, watched


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="poll lateness with and without viewers")
    for name, default in (("meters", 40), ("points", 20), ("viewers", 200), ("every", 15),
                          ("seconds", 20), ("rounds", 3)):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    served = [sys.executable, str(PEERS / "devices.py"), str(options.meters), str(options.points)]
    with tempfile.TemporaryDirectory(prefix="meterd-bench-", dir=".") as name:
        folder = Path(name).absolute()
        with running(served, folder / "devices.log") as devices:
            ports = json.loads(told(devices, ask=False))
            site = Site(folder, ports, options.points, free_port(), free_port())
            alone, watched = in_turns(devices, site, options)
    for title, found in (("nobody looks", alone), (f"{options.viewers} viewers", watched)):
        late, cpu = (median(one) for one in zip(*found, strict=True))
        print(f"{title:14} p99 {late:6.1f} ms late, {100 * cpu:5.1f} % of a processor")
    ratio = median(b[0] / a[0] for a, b in zip(alone, watched, strict=True))
    print(f"viewers / nobody = {ratio:.2f}")


if __name__ == "__main__":
    main()
