"""The lines of a GPIO chip, requested through gpiod (the extra `gpio`).

gpiod only asks the kernel for the lines; the records of their edges are read from the file
descriptor by who has asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol

import gpiod
from gpiod.line import Bias, Clock, Edge

from meterd.config.pulse import PulsePoint

CONSUMER: Final = "meterd"
BUFFER: Final = 1024
"""Records that the kernel keeps for us: the most it allows in one request (64 lines x 16)."""
EDGES: Final = {"rising": Edge.RISING, "falling": Edge.FALLING, "both": Edge.BOTH}
BIASES: Final = {
    "pull_up": Bias.PULL_UP,
    "pull_down": Bias.PULL_DOWN,
    "disabled": Bias.DISABLED,
    "as_is": Bias.AS_IS,
}


class Requested(Protocol):
    """Lines that are ours until they are released."""

    @property
    def fd(self) -> int:
        """Where the records of their edges are read."""
        ...

    def release(self) -> None:
        """Give them back."""
        ...


def setting(point: PulsePoint) -> gpiod.LineSettings:
    """How a line is to be set. Its clock is monotonic, so that a spacing is one."""
    return gpiod.LineSettings(
        edge_detection=EDGES[point.edge],
        bias=BIASES[point.bias],
        debounce_period=timedelta(milliseconds=point.debounce_ms),
        event_clock=Clock.MONOTONIC,
    )


def request(chip: str, points: Iterable[PulsePoint]) -> Requested:
    """The lines of these points. Raises OSError, and ValueError for a file that is no chip."""
    lines: dict[Iterable[int | str] | int | str, gpiod.LineSettings | None] = {
        point.line: setting(point) for point in points if point.line is not None
    }
    requested: Requested = gpiod.request_lines(
        chip, consumer=CONSUMER, config=lines, event_buffer_size=BUFFER
    )
    return requested
