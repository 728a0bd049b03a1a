"""Serves an SNMP agent as its profile describes it, version 1 and 2c, for `meterd simulate`."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import Final

from meterd.clock import SystemClock
from meterd.config.meters import MeterConfig
from meterd.config.profiles import Profile
from meterd.config.snmp import snmp_points
from meterd.sim.snmp_agent import SnmpAgent
from meterd.sim.snmp_device import identity, objects

LISTEN: Final = "127.0.0.1:1161"


async def serve(
    args: Namespace, profile: Profile, at: tuple[str, int], stop: asyncio.Event
) -> None:
    """Until `stop` is set. OSError if the port cannot be had."""
    points = snmp_points(MeterConfig(name="sim-1", points=profile.points))
    kind, clock = next(iter(profile.sys_object_id), ""), SystemClock()
    title, began_ms = f"{profile.make} {profile.model}", clock.mono_ms()
    agent = SnmpAgent({}, community=args.community)

    def refresh() -> None:
        seconds = (clock.mono_ms() - began_ms) / 1000
        for name, value in (objects(points, seconds) | identity(title, kind, seconds)).items():
            agent.set(name, value)

    refresh()
    agent.refresh = refresh
    port = await agent.start(*at)
    place = f"{at[0]}:{port}"
    print(f"{args.profile} answers on {place}, community {args.community}; Ctrl-C ends it.")
    print(f"connections: {{sim: {{protocol: snmp, community: {args.community}, port: {port}}}}}")
    print("meters:")
    print(f'  - {{name: sim-1, connection: sim, address: "{place}", ', end="")
    print(f"profile: {args.profile}}}", flush=True)
    await stop.wait()
    await agent.stop()
