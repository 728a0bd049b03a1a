"""How many random lives a law is tried on: few by default, many with METERD_LAWS=long.

Where CI is set the lives are the same on every run, so that a red build means a change. No
test inherits how another one's command has set up the log. What is there before the first test
is no garbage: the collector, which a daemon sends through all that there is, passes it over.

A test that starts a process is marked `process`, by itself or because it asks for a fixture that
does. Without the mark the start is refused, so that `make unit`, which leaves these tests out,
cannot come to need a program that is not there.
"""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.stores.cluster import Cluster

ON_A_BUSY_HOST: Final[dict[str, Any]] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
}
"""No test fails for the time it takes."""
STARTS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
"""What the interpreter tells of itself (PEP 578) when a process is started."""
PEERS = {"broker", "cluster", "small_disk"}
"""Fixtures that start one."""
FOLDERS = [Path(__file__).parent / name for name in ("house", "system")]
"""Where every test may start some."""
_now: list[pytest.Item] = []

settings.register_profile(
    "quick", max_examples=50, derandomize=bool(os.environ.get("CI")), **ON_A_BUSY_HOST
)
settings.register_profile("long", max_examples=3000, **ON_A_BUSY_HOST)
settings.load_profile("long" if os.environ.get("METERD_LAWS") == "long" else "quick")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asked = PEERS.intersection(getattr(item, "fixturenames", ()))
        if asked or any(folder in item.path.parents for folder in FOLDERS):
            item.add_marker("process")


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if _now and event in STARTS and _now[-1].get_closest_marker("process") is None:
        pytest.fail(f"{_now[-1].nodeid} starts a process and is not marked `process`")


sys.addaudithook(_refuse)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _now[:] = [item]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """What is taken down now may be what a test before this one has started."""
    _now.clear()


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for all tests; each takes a place of its own in it."""
    one = Cluster()
    one.start()
    yield one
    one.stop("immediate")
    one.remove()


@pytest.fixture(autouse=True, scope="session")
def _light_collector() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        gc.collect()
        gc.freeze()
        patch.setattr(gc, "unfreeze", lambda: None)
        yield
    gc.unfreeze()
