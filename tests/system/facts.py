"""What a subscriber heard, judged: facts have numbers, and the numbers have no holes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.sinks.peers import Message, Subscriber
from tests.system.peers import until

from meterd.stores.queries import Reader

Line = list[tuple[int, str, str]]
"""(seq, topic, payload), in the order in which they were heard."""
LATELY = 500
"""So many newest messages are looked at while one waits: there may be very many in all."""
FEW = 20
"""So many may be on their way at any moment."""


def by_line(heard: Iterable[Message]) -> dict[tuple[str, str], Line]:
    """(site, epoch) -> the facts of it."""
    lines: dict[tuple[str, str], Line] = defaultdict(list)
    for message in heard:
        if message.text.startswith("{") and "seq" in message.body:
            site = message.topic.split("/")[1]
            body = message.body
            lines[site, body["epoch"]].append((body["seq"], message.topic, message.text))
    return dict(lines)


def expect_whole(line: Line) -> None:
    """From 1 on without a hole, first deliveries in order, repetitions to the byte the same."""
    first: dict[int, tuple[str, str]] = {}
    for seq, topic, text in line:
        assert first.setdefault(seq, (topic, text)) == (topic, text), f"{seq} came in two shapes"
    assert list(first) == list(range(1, len(first) + 1))


def last_seq(store: Path) -> int:
    """The highest number that the daemon has given to a fact, as the store has it."""
    with Reader.open(store) as reader:
        ((number,),) = reader.rows("SELECT coalesce(max(last_seq), 0) FROM sinks")
    assert isinstance(number, int)
    return number


def outbox(store: Path) -> int:
    """How many facts wait to be acknowledged."""
    with Reader.open(store) as reader:
        ((number,),) = reader.rows("SELECT count(*) FROM outbox")
    assert isinstance(number, int)
    return number


def heard_facts(witness: Subscriber) -> int:
    """The highest number heard lately."""
    lately = by_line(witness.heard[-LATELY:])
    return max((seq for line in lately.values() for seq, *_ in line), default=0)


async def expect_all_heard(store: Path, witness: Subscriber) -> None:
    """What the store has numbered until now is heard, and is acknowledged."""
    await until(lambda: last_seq(store) > 0)
    numbered = last_seq(store)
    await until(lambda: heard_facts(witness) >= numbered)
    await until(lambda: outbox(store) < FEW)
    (line,) = by_line(witness.heard).values()
    expect_whole(line)
