"""SNMP agents, versions 1, 2c and 3; the reader is `reader.py`, all else is beside it."""

from meterd.readers.snmp.reader import plan_cycle, read_once, run

__all__ = ["plan_cycle", "read_once", "run"]
