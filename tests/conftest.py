"""How many random lives a law is tried on: few by default, many with METERD_LAWS=long.

Where CI is set the lives are the same on every run, so that a red build means a change. No
test inherits how another one's command has set up the log. What is there before the first test
is no garbage: the collector, which a daemon sends through all that there is, passes it over.
"""

import gc
import os
from collections.abc import Iterator
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
settings.register_profile(
    "quick", max_examples=50, derandomize=bool(os.environ.get("CI")), **ON_A_BUSY_HOST
)
settings.register_profile("long", max_examples=3000, **ON_A_BUSY_HOST)
settings.load_profile("long" if os.environ.get("METERD_LAWS") == "long" else "quick")


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
