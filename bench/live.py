"""The whole daemon's cost per point: read, judge, commit to disk, publish, be scraped.

200 Modbus TCP meters of 20 float32 points are polled every second. By turns, on the same
meters and the same broker, run: meterd, with its store on the disk, MQTT and a scrape of
/metrics every few seconds; a bare uvloop loop that only exchanges meterd's frames, which is
the floor of this host; and collectd with modbus, mqtt and write_prometheus, which keeps no
store. Counted is the CPU time of the program under test alone, over a window after its
warm-up, by the points that the meters were truly asked for.

    python bench/live.py [--meters 200] [--points 20] [--seconds 20] [--rounds 3]
                         [--skip-collectd]
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.peers import sites  # run from a checkout
from bench.peers.process import cpu_ms, free_port, rss_mb, running
from bench.peers.sites import Site

START_S: Final = 30
WARM_UP_S: Final = 6
SCRAPE_S: Final = 5
SENT: Final = "$SYS/broker/messages/received"


class Window(NamedTuple):
    """What one program did in one window. late_ms: the 99th of a hundred polls."""

    cpu_us_a_point: float
    points_a_second: float
    late_ms: float
    rss_mb: float
    published_a_second: float
    scrape_kb: float


class Bench:
    """The meters and the broker, around which the programs take turns."""

    def __init__(self, site: Site, devices: subprocess.Popen[str]) -> None:
        self.site = site
        self._devices = devices

    def measure(self, words: list[str], seconds: int, tells: bool) -> Window:
        """Run one program. tells: it publishes and can be scraped."""
        store = self.site.folder / "bench.db"
        for file in self.site.folder.glob(store.name + "*"):
            file.unlink()
        with running(words, self.site.folder / "program.log") as process:
            if tells:
                self._wait()
            time.sleep(WARM_UP_S)
            self._asked()
            sent, cpu, began = self._sent(), cpu_ms(process.pid), time.monotonic()
            scraped = self._pass(began + seconds, tells)
            spent, wall = cpu_ms(process.pid) - cpu, time.monotonic() - began
            asked, sent, held = self._asked(), self._sent() - sent, rss_mb(process.pid)
        read = asked["words"] / 2
        late_ms = asked["late_ms"]
        return Window(1000 * spent / read, read / wall, late_ms, held, sent / wall, scraped / 1024)

    def _pass(self, until: float, tells: bool) -> int:
        """Let the window pass, scraping now and then; the bytes of the last scrape."""
        scraped = 0
        while (left := until - time.monotonic()) > 0:
            if tells:
                scraped = self._scrape()
            time.sleep(min(SCRAPE_S, left))
        return scraped

    def _wait(self) -> None:
        """Until it is up: some start faster than others."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with suppress(OSError):
                self._scrape()
                return
            time.sleep(0.1)
        raise SystemExit(f"nothing to scrape within {START_S} s")

    def _scrape(self) -> int:
        """The bytes of /metrics."""
        with urlopen(f"http://127.0.0.1:{self.site.http}/metrics", timeout=10) as answer:
            return len(answer.read())

    def _asked(self) -> dict[str, float]:
        """What the meters were asked since the last call."""
        assert self._devices.stdin is not None
        assert self._devices.stdout is not None
        self._devices.stdin.write("\n")
        self._devices.stdin.flush()
        asked: dict[str, float] = json.loads(self._devices.stdout.readline())
        return asked

    def _sent(self) -> int:
        """Messages that the broker was ever sent."""
        words = ["mosquitto_sub", "-p", str(self.site.broker), "-t", SENT, "-C", "1", "-W", "10"]
        return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


HEAD: Final = f"{'':10}{'CPU':>14}{'points':>10}{'late p99':>11}{'RSS':>9}{'MQTT':>9}{'scrape':>9}"
UNITS: Final = f"{'':10}{'ms/1,000':>14}{'a s':>10}{'ms':>11}{'MB':>9}{'a s':>9}{'kB':>9}"


def line(name: str, windows: list[Window]) -> str:
    """A row of the table: the medians, and the spread of the first."""
    costs = [window.cpu_us_a_point for window in windows]
    cost, points, late, rss, sent, scrape = map(median, zip(*windows, strict=True))
    lateness = "-" if name == "collectd" else f"{late:.1f}"  # it keeps to no grid
    spread = f"{cost:.2f} +-{(max(costs) - min(costs)) / 2:.2f}"
    return f"{name:10}{spread:>14}{points:10,.0f}{lateness:>11}{rss:9.0f}{sent:9,.0f}{scrape:9,.0f}"


def in_turns(bench: Bench, options: argparse.Namespace) -> dict[str, list[Window]]:
    """Every program once a round."""
    programs: dict[str, Callable[[Site], list[str]]] = {
        "bare": sites.bare,
        "meterd": sites.meterd,
        "collectd": sites.collectd,
    }
    if options.skip_collectd or not sites.COLLECTD.exists():
        print(f"without collectd{'' if options.skip_collectd else ': collectd-core not installed'}")
        del programs["collectd"]
    taken: dict[str, list[Window]] = {name: [] for name in programs}
    for _ in range(options.rounds):
        for name, words in programs.items():
            window = bench.measure(words(bench.site), options.seconds, tells=name != "bare")
            taken[name].append(window)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU of the whole daemon per point")
    parser.add_argument("--meters", type=int, default=200)
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20, help="length of a window")
    parser.add_argument("--rounds", type=int, default=3, help="windows of each program")
    parser.add_argument("--skip-collectd", action="store_true")
    options = parser.parse_args()
    devices = [sys.executable, str(Path(sites.__file__).with_name("devices.py"))]
    devices += [str(options.meters), str(options.points)]
    broker, http = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="meterd-bench-", dir=".") as name:
        folder = Path(name).absolute()
        with (
            running(devices, folder / "devices.log") as served,
            running(sites.mosquitto(folder, broker), folder / "mosquitto.log"),
        ):
            assert served.stdout is not None
            ports = json.loads(served.stdout.readline())
            site = Site(folder, ports, options.points, broker, http)
            taken = in_turns(Bench(site, served), options)
    print(f"{options.meters} meters x {options.points} float32 every second, ", end="")
    print(f"{options.rounds} windows of {options.seconds} s, Python {platform.python_version()}")
    print(HEAD, UNITS, *(line(name, windows) for name, windows in taken.items()), sep="\n")
    for peer in taken.keys() - {"meterd"}:
        rounds = zip(taken["meterd"], taken[peer], strict=True)
        ratios = [ours.cpu_us_a_point / theirs.cpu_us_a_point for ours, theirs in rounds]
        print(f"meterd / {peer} = {median(ratios):.2f}")


if __name__ == "__main__":
    main()
