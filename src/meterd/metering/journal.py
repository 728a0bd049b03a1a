"""Where the stages of the pipeline write down what happened, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meterd.events import Event, Output


class Journal:
    """The outputs of the inputs fed since they were last taken.

    make_id: a fresh id for something that happened at an instant (epoch ms).
    """

    def __init__(self, make_id: Callable[[int], str]) -> None:
        self.outputs: list[Output] = []
        self.make_id = make_id

    def write(self, *outputs: Output) -> None:
        """Append outputs."""
        self.outputs += outputs

    def event(
        self, at_ms: int, kind: str, meter: str = "", quantity: str = "", **numbers: Any
    ) -> None:
        """Append one event; `numbers` are JSON-ready, amounts as decimal strings."""
        self.outputs.append(Event(self.make_id(at_ms), at_ms, kind, meter, quantity, numbers))

    def take(self) -> list[Output]:
        """All outputs so far, and start anew."""
        taken, self.outputs = self.outputs, []
        return taken
