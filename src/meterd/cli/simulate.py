"""Serve a device as its profile describes it, Modbus TCP, SNMP or BACnet/IP, with a moving load.

meterd simulate eastron/sdm630 --listen 127.0.0.1:5020 --units 1,2
meterd simulate apc/rpdu2 --listen 127.0.0.1:1161 --community public
meterd simulate ./controller.yaml --listen 127.0.0.1:47820 --units 4711
"""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from meterd.cli import simulate_agent, simulate_bacnet
from meterd.cli.exits import DONE, USAGE, CliError
from meterd.cli.profiles import modbus_points, profile_of
from meterd.clock import Clock, SystemClock
from meterd.config.points import ModbusPoint
from meterd.config.profiles import Profile
from meterd.config.sunspec import SunSpecConfig
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.profile_device import refresh
from meterd.sim.sunspec_device import placed, write_map

LISTEN: Final = "127.0.0.1:5020"
UNITS_MAX: Final = 247
"""Modbus unit ids go from 1 to 247."""


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("profile", metavar="PROFILE", help="a packaged profile, or a path")
    listen = f"HOST:PORT; default {LISTEN}, of SNMP {simulate_agent.LISTEN}"
    parser.add_argument("--listen", help=listen)
    parser.add_argument(
        "--units", default="1", help="Modbus unit ids, or a BACnet instance; default 1"
    )
    parser.add_argument("--community", default="public", help="SNMP: default public")
    parser.add_argument("--seconds", type=float, help="stop by itself after so long")


def run(args: Namespace) -> int:
    """Until Ctrl-C, SIGTERM or --seconds."""
    profile = profile_of(args.profile, Path.cwd())
    is_agent = profile.protocol == "snmp"
    args.listen = args.listen or (simulate_agent.LISTEN if is_agent else LISTEN)
    at = _address(args.listen)
    if profile.protocol == "bacnet":
        return simulate_bacnet.run(args, profile, at)
    try:
        if is_agent:
            asyncio.run(_agent(args, profile, at))
        else:
            points = modbus_points(args.profile, profile)
            device = partial(_unit, points, profile.sunspec)
            asyncio.run(_serve(args, _unit_ids(args.units), device, at))
    except OSError as error:
        raise CliError(f"cannot listen on {args.listen}: {error}") from error
    return DONE


def _until(args: Namespace) -> asyncio.Event:
    """Set by a signal, or after --seconds."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if args.seconds is not None:
        loop.call_later(args.seconds, stop.set)
    return stop


async def _agent(args: Namespace, profile: Profile, at: tuple[str, int]) -> None:
    await simulate_agent.serve(args, profile, at, _until(args))


def _address(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise CliError(f"--listen {text}: write HOST:PORT, as in {LISTEN}", USAGE)
    return host, int(port)


def _unit_ids(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.isdigit() and 1 <= int(part) <= UNITS_MAX for part in parts):
        raise CliError(f"--units {text}: write ids from 1 to {UNITS_MAX}, as in 1,2,5", USAGE)
    return [int(part) for part in parts]


async def _serve(
    args: Namespace, ids: list[int], device: Callable[[Clock], Unit], at: tuple[str, int]
) -> None:
    clock = SystemClock()
    server = ModbusServer({number: device(clock) for number in ids})
    stop = _until(args)
    port = await server.start(*at)
    print(f"{args.profile} answers on {at[0]}:{port}, units {args.units}; Ctrl-C ends it.")
    print(f"connections: {{sim: {{protocol: modbus_tcp, host: {at[0]}, port: {port}}}}}")
    print("meters:")
    for unit in ids:
        print(f"  - {{name: sim-{unit}, connection: sim, address: {unit}, ", end="")
        print(f"profile: {args.profile}}}", flush=True)
    await stop.wait()
    await server.stop()


def _unit(points: tuple[ModbusPoint, ...], sunspec: SunSpecConfig, clock: Clock) -> Unit:
    unit, began_ms = Unit(), clock.mono_ms()
    if any(point.sunspec for point in points):
        write_map(unit, sunspec)
        points = placed(points, sunspec)
    unit.refresh = partial(_refresh, unit, points, clock, began_ms)
    return unit


def _refresh(unit: Unit, points: tuple[ModbusPoint, ...], clock: Clock, began_ms: int) -> None:
    refresh(unit, points, (clock.mono_ms() - began_ms) / 1000)
