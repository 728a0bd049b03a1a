"""Lists page by page, and how many questions the store is asked at once."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.house import Daemon, opened, record

from meterd.stores import Batch
from meterd.web import answers
from meterd.web.answers import Questions
from meterd.web.problems import Problem
from meterd.web.world import Reader

LISTS = [
    "/v1/meters/main/intervals",
    "/v1/meters/main/intervals?quantity=energy_import&from=2026-01-01T12:05:00Z",
    "/v1/bills/tenant-a/samples",
    "/v1/records",
    "/v1/records?status=RUNNING",
    "/v1/records?configuration=Conveyor+water",
    "/v1/events",
    "/v1/events?kind=offline",
    "/v1/events?meter=rack-12",
]


async def walked(client: Client, path: str, limit: int) -> list[list[Any]]:
    """All pages of a list, by following the links."""
    pages = []
    following: str | None = path + ("&" if "?" in path else "?") + f"limit={limit}"
    while following is not None:
        answer = await client.ask(following)
        pages.append(answer.json)
        link = re.fullmatch(r'<(/v1/.*)>; rel="next"', answer.headers.get("Link", ""))
        following = link[1] if link else None
    return pages


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
async def test_pages_tile_a_list(path: str, limit: int, browser: Client) -> None:
    whole = (await browser.ask(path)).json
    pages = await walked(browser, path, limit)
    assert whole
    assert [row for page in pages for row in page] == whole
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= limit


async def test_an_empty_list_is_a_list(browser: Client) -> None:
    answer = await browser.ask("/v1/events?kind=never")
    assert (answer.status, answer.json, "Link" in answer.headers) == (200, [], False)


async def test_a_search_that_finds_little_ends_and_says_where_to_go_on(
    browser: Client, daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SCANNED_ROWS", 2)
    monkeypatch.setattr(answers, "SCANNED_CHUNKS_MAX", 2)
    more = [record(run, "COMPLETED", 1) for run in range(4, 14)] + [record(14, "RUNNING")]
    daemon.store = opened(tmp_path / "meterd.db")
    daemon.store.commit_now(Batch(outputs=more))
    pages = await walked(browser, "/v1/records?status=RUNNING", 1)
    daemon.store.close()
    assert [[row["run"] for row in page] for page in pages] == [[3], [], [], [14]]


class Slow:
    """A daemon whose store answers when it is told to. inside: readers at work, and the most."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.inside = 0
        self.most = 0
        self._mutex = threading.Lock()

    @contextmanager
    def reader(self) -> Iterator[Any]:
        with self._mutex:
            self.inside += 1
            self.most = max(self.most, self.inside)
        yield None
        with self._mutex:
            self.inside -= 1


async def test_more_questions_than_can_wait_are_refused_and_counted() -> None:
    slow = Slow()
    questions = Questions(slow)  # type: ignore[arg-type]  # of a daemon only its reader

    def wait(_reader: Reader) -> bool:
        return slow.go.wait(30)

    asked = [asyncio.create_task(questions.ask(wait)) for _ in range(answers.WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Problem, match="ask again") as refused:
        await questions.ask(wait)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
    assert questions.refused == 1
    slow.go.set()
    assert await asyncio.gather(*asked) == [True] * answers.WAITING_MAX
    assert slow.most <= answers.READS_MAX
    assert await questions.ask(wait) is True


async def test_the_loop_is_free_while_the_store_answers(daemon: Daemon) -> None:
    questions = Questions(daemon)
    loop_thread = threading.get_ident()
    assert await questions.ask(lambda _reader: threading.get_ident()) != loop_thread
