"""Serves a BACnet/IP device as its profile describes it, for `meterd simulate`."""

from __future__ import annotations

import asyncio
import signal
from argparse import Namespace
from importlib import import_module
from typing import Any

from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.clock import SystemClock
from meterd.config.bacnet_names import INSTANCE_MAX
from meterd.config.profiles import Profile


def run(args: Namespace, profile: Profile, at: tuple[str, int]) -> int:
    """Until Ctrl-C, SIGTERM or --seconds. args.units: the device's instance."""
    if not args.units.isdecimal() or int(args.units) > INSTANCE_MAX:
        raise CliError(f"--units {args.units}: of BACnet it is a device instance", USAGE)
    try:
        simulated = import_module("meterd.sim.bacnet_device")
    except ImportError as error:
        raise CliError("BACnet needs bacpypes3: pip install 'meterd[bacnet]'", FINDING) from error
    try:
        server = simulated.device(int(args.units), profile.points)
        asyncio.run(_serve(args, profile, at, server))
    except simulated.UnservedError as error:
        raise CliError(f"{args.profile}: {error}", FINDING) from error
    except OSError as error:
        raise CliError(f"cannot listen on {args.listen}: {error}") from error
    return DONE


async def _serve(args: Namespace, profile: Profile, at: tuple[str, int], server: Any) -> None:
    follow = import_module("meterd.sim.bacnet_device").follow
    clock, stop = SystemClock(), asyncio.Event()
    loop, began_ms = asyncio.get_running_loop(), clock.mono_ms()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server.refresh = lambda: follow(server, profile.points, (clock.mono_ms() - began_ms) / 1000)
    await server.start(*at)
    place = f"{at[0]}:{at[1]}"
    print(f"{args.profile} answers on {place}, instance {args.units}; Ctrl-C ends it.")
    print(f"connections: {{sim: {{protocol: bacnet, bind: {at[0]}, port: {_other(at[1])}}}}}")
    print("meters:")
    print(f'  - {{name: sim-1, connection: sim, address: "{place}", ', end="")
    print(f"profile: {args.profile}}}", flush=True)
    if args.seconds is not None:
        loop.call_later(args.seconds, stop.set)
    await stop.wait()
    server.stop()


def _other(port: int) -> int:
    """A port for whoever reads it on the same address."""
    return port + 1 if port < 65_535 else port - 1
