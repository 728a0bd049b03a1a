"""One writer per store, and the second one is told who the first is."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tests.stores.made import batch, interval, opened

from meterd.stores import StoreBusy, StoreError
from meterd.stores.lock import lock_path
from meterd.stores.queries import Reader

HOLDER = """
import sys
from tests.stores.made import opened
store = opened(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.process
def test_the_second_is_refused_and_told_the_pid_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PYTHONPATH": "src:."},
    ) as first:  # fmt: skip
        assert first.stdout is not None
        assert b"open\n" in iter(first.stdout.readline, b"")
        with pytest.raises(StoreBusy, match=f"process {first.pid} holds this store") as refused:
            opened(path)
        assert (refused.value.pid, refused.value.path) == (first.pid, path)
        with Reader.open(path) as reader:
            assert reader.intervals("main") == []
        first.kill()
    store = opened(path)  # the dead one's lock file says nothing
    assert lock_path(path).read_text("ascii") == f"{os.getpid()} 2026-01-01T12:00:00Z\n"
    store.close()
    assert lock_path(path).read_bytes() == b""


def test_a_holder_that_has_not_said_its_name_yet_is_another_process(tmp_path: Path) -> None:
    store = opened(tmp_path / "store.db")
    lock_path(tmp_path / "store.db").write_bytes(b"")
    with pytest.raises(StoreBusy, match="another process") as refused:
        opened(tmp_path / "store.db")
    assert refused.value.pid is None
    store.close()


def test_a_start_that_fails_lets_go_of_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    opened(path).close()
    (tmp_path / "store.db-wal").mkdir()
    for _ in range(2):
        with pytest.raises(Exception, match=r"store\.db") as failed:
            opened(path)
        assert not isinstance(failed.value, StoreBusy)


def test_without_the_lock_two_may_open_one_store(tmp_path: Path) -> None:
    first, second = (opened(tmp_path / "store.db", lock=False) for _ in range(2))
    first.commit_now(batch(interval(0, 1)))
    second.commit_now(batch(interval(0, 2)))
    with first.reader() as reader:
        assert reader.intervals("main") == [interval(0, 3)]
    first.close()
    second.close()
    assert not lock_path(tmp_path / "store.db").exists()


def test_a_lock_that_cannot_say_its_name_is_let_go_of(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(StoreError, match="File too large"):
            opened(tmp_path / "store.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    opened(tmp_path / "store.db").close()
