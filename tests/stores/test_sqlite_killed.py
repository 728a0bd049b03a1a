"""A process that is killed between any two instructions: what it had said is kept, is kept."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stores.made import opened

from meterd.stores.sums import booked

LIFE = """
import sys
from tests.stores.made import batch, event, interval, opened, saved
from meterd.sinks import Fact
store = opened(sys.argv[1])
count = int(store.load().get(("meter", "main"), b"0"))
while True:
    count += 1
    rows = [interval(n, 1, f"meter-{n}") for n in range(20)]
    fact = Fact(count, "t", b"p", False)
    state = saved("main", b"%d" % count)
    store.commit_now(batch(*rows, event(count), saved=[state], facts={"mqtt": [fact]}))
    print(count, flush=True)
"""


@pytest.mark.process
def test_a_killed_process_loses_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    chance = random.Random(7)
    told = 0
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", LIFE, path], stdout=subprocess.PIPE, text=True,
            env={"PYTHONPATH": "src:."},
        ) as child:  # fmt: skip
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 15)):
                line = child.stdout.readline()
                told = int(line) if line.strip().isdigit() else told
            child.kill()
            rest = [line for line in child.stdout if line.strip().isdigit()]
            told = int(rest[-1]) if rest else told
        store = opened(path)
        count = int(store.load()["meter", "main"])
        assert count in {told, told + 1}
        assert store.rebuilt is None
        with store.reader() as reader:
            assert set(booked(reader).values()) == {count}
            assert len(reader.events()) == count
            assert reader.rows("SELECT count(*), max(seq) FROM outbox") == [(count, count)]
            assert reader.rows("SELECT last_seq FROM sinks") == [(count,)]
        store.close()
        told = count
    assert told >= 20
