"""A cable that can be pulled: a network namespace with a device in it, joined by a veth pair.

What is sent while the cable is out is swallowed without a word, as on a real network. Only
root may make one; where it cannot be made a test fails and says so.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

from tests.system.devices import Device, Dial
from tests.system.peers import program

BLOCK = int(IPv4Address("198.18.0.0"))
"""Addresses for trying networks out (RFC 2544); every process takes four of its own."""
PORT = 502
NEW_NET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Cable:
    """near: our address on it. far: that of the other end."""

    def __init__(self) -> None:
        pid = os.getpid()
        self.name = f"meterd-{pid}"
        first = BLOCK + 4 * (pid % 2**15)
        self.near, self.far = (str(IPv4Address(first + n)) for n in (1, 2))
        self._port = f"mt{pid}"

    def lay(self) -> None:
        """Make it, plugged in."""
        _ip("netns", "add", self.name)
        _ip("link", "add", self._port, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("address", "add", f"{self.near}/30", "dev", self._port)
        _ip("link", "set", self._port, "up")
        _ip("-n", self.name, "address", "add", f"{self.far}/30", "dev", "eth0")
        self.plug()

    def plug(self) -> None:
        _ip("-n", self.name, "link", "set", "eth0", "up")

    def pull(self) -> None:
        """At the far end: the near one is not told."""
        _ip("-n", self.name, "link", "set", "eth0", "down")

    def remove(self) -> None:
        _ip("netns", "delete", self.name)

    @contextmanager
    def at_the_far_end(self) -> Iterator[None]:
        """Sockets that are made meanwhile are there; nothing else may be awaited."""
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(here)
            os.close(here)
            os.close(there)


class Distant(Device):
    """Dials at the far end of a cable."""

    def __init__(self, cable: Cable, **dials: Dial) -> None:
        super().__init__(**dials)
        self.cable = cable
        self.port = PORT

    async def plug(self) -> None:
        with self.cable.at_the_far_end():
            await self.server.start(self.cable.far, self.port)

    def connection(self, **more: object) -> dict[str, object]:
        return super().connection(host=self.cable.far, **more)


@contextmanager
def cable() -> Iterator[Cable]:
    """A cable, gone afterwards with whatever hung on it."""
    one = Cable()
    try:
        one.lay()
        yield one
    finally:
        one.remove()


def _ip(*words: str) -> None:
    assert os.geteuid() == 0, "only root may lay a cable: run the system tests as root"
    done = subprocess.run([program("ip"), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"no network namespace here: ip {' '.join(words)}: {done.stderr}"


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, NEW_NET):
        raise OSError(ctypes.get_errno(), "setns")
