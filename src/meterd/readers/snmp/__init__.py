"""SNMP agents, versions 1, 2c and 3; the reader is `reader.py`, all else is beside it."""

from meterd.readers.snmp.reader import plan_cycle, read_once, run
from meterd.readers.snmp.scan import scan

__all__ = ["plan_cycle", "read_once", "run", "scan"]
