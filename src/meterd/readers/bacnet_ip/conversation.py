"""Reading many properties of one device: in as few requests as it can answer.

ReadPropertyMultiple, with fewer properties at once after a refusal, and ReadProperty where a
device has nothing else. What was learned lasts until `forget`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.planning import APDU_MAX, count, fewer, plan
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.services import Answers, Item, Refusal
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.line import ReadFailed

Ask = Callable[[int, bytes], Awaitable[bytes]]
"""Sends a confirmed request (service, content); its answer, RefusedError or ReadFailed."""

SILENCES_MAX: Final = 2
_ABORTED: Final = Refusal(0, 0)
"""Why a property has no value that could not even be asked for by itself."""


class Conversation:
    """One device, and what it can answer.

    most: properties in a request. multiple: it knows ReadPropertyMultiple. proven: it has
    answered. silences: readings in a row that a silence ended.
    """

    def __init__(self) -> None:
        self.most = APDU_MAX
        self.multiple = True
        self.proven = False
        self.silences = 0

    async def read(self, items: Sequence[Item], ask: Ask) -> Answers:
        """The properties' values, and why some have none.

        A silence after other answers ends the reading: what was not asked is left out.
        Raises ReadFailed when nothing was answered.
        """
        found: Answers = {}
        waiting = list(items)
        while waiting:
            block = plan(waiting, self.most if self.multiple else 1)[0]
            try:
                found |= await self._answers(block, ask)
            except RefusedError as refusal:
                if self._learned(block, refusal):
                    continue
                found[block[0].oid, block[0].properties[0]] = _refusal(refusal)
            except ReadFailed as failure:
                if not found and await self._is_deaf_to(block, ask, failure):
                    self.most = fewer(block)
                    continue
                if failure.link_down or not found:
                    raise
                self._fell_silent(block)
                return found
            else:
                self.proven = True
            waiting = _without(waiting, block)
        self.silences = 0
        return found

    def _fell_silent(self, block: tuple[Item, ...]) -> None:
        """It answers, but not this: twice in a row, and it is asked for less."""
        self.silences += 1
        if self.silences >= SILENCES_MAX:
            self.most, self.silences = fewer(block), 0

    async def _answers(self, block: tuple[Item, ...], ask: Ask) -> Answers:
        try:
            if self.multiple:
                request = services.read_properties(block)
                return services.properties_read(await ask(services.READ_PROPERTY_MULTIPLE, request))
            oid, number = block[0].oid, block[0].properties[0]
            answer = await ask(services.READ_PROPERTY, services.read_property(oid, number))
            return {(oid, number): services.property_read(answer)}
        except GarbageError as garbage:
            raise ReadFailed("garbage", f"its answer is no BACnet: {garbage}") from garbage

    def _learned(self, block: tuple[Item, ...], refusal: RefusedError) -> bool:
        """Whether something else is to be tried."""
        if self.multiple and refusal.knows_no_service:
            self.multiple = False
        elif count(block) > 1:
            self.most = fewer(block)
        elif self.multiple and not self.proven:
            self.multiple = False
        else:
            return False
        return True

    async def _is_deaf_to(self, block: tuple[Item, ...], ask: Ask, failure: ReadFailed) -> bool:
        """Whether a device that never answered a long request does answer a short one."""
        if self.proven or failure.link_down or not self.multiple or count(block) == 1:
            return False
        oid, number = block[0].oid, block[0].properties[0]
        try:
            await ask(services.READ_PROPERTY, services.read_property(oid, number))
        except RefusedError:
            return True
        except ReadFailed:
            return False
        return True


def _refusal(refusal: RefusedError) -> Refusal:
    return Refusal(refusal.group, refusal.code) if refusal.kind == "error" else _ABORTED


def _without(items: Sequence[Item], block: Sequence[Item]) -> list[Item]:
    """What is left to be asked."""
    done = {(item.oid, number) for item in block for number in item.properties}
    left = [
        Item(item.oid, tuple(n for n in item.properties if (item.oid, n) not in done))
        for item in items
    ]
    return [item for item in left if item.properties]
