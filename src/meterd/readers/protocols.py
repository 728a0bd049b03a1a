"""The readers by name: the file is called as the configuration's `protocol:`.

Each has the same functions, and is loaded when a connection needs it:

    run(link, registers, around, stats)             reads a link for ever
    read_once(link, device, registers, around)      one live reading
    plan_cycle(link)                                the requests of one cycle
    scan(link, asked, around)                       what is there (not every protocol can);
                                                    asked: addresses and ranges to look at
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def reader(protocol: str) -> ModuleType:
    """The reader of a protocol that is built."""
    return import_module(f"meterd.readers.{protocol}")
