"""Nobody asks the time, sleeps or draws lots but those whose work it is.

What the daemon does follows from its inputs alone, so that a replay of them gives the same
bytes and a test is the clock.
"""

from __future__ import annotations

import ast

import pytest
from tests.house.tree import imported, modules

WITH_A_REASON = {
    "clock.py": {"time", "asyncio.sleep"},  # the clock
    "cli/": {"random", "secrets"},  # handed in below: jitter, and a new store's epoch
    "daemon/": {"random"},  # jitter, handed to the readers
    "readers/line.py": {"random"},  # jitter between retries, from a generator handed in
    "sinks/": {"random"},  # jitter between reconnections
    "web/door.py": {"secrets"},  # what nobody may guess: the key of a proxy's logins
    "web/pages/oidc.py": {"secrets"},  # as above: what binds a login to its browser
    "web/login.py": {"secrets"},  # as above: what a browser is given
    "sim/": {"random"},  # seeded: the simulated world is the same at every start
}
MODULES = {"time", "random", "uuid", "secrets"}
CALLS = {
    "asyncio.sleep",
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "loop.time",
    "os.urandom",
}


def asks(tree: ast.Module) -> set[str]:
    """The clocks and lots a module reaches for."""
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    dotted = {".".join(call.split(".")[-2:]) for call in calls}
    return (imported(tree) & MODULES) | (dotted & CALLS)


@pytest.mark.parametrize(("name", "tree"), modules().items(), ids=modules())
def test_time_and_chance_come_from_outside(name: str, tree: ast.Module) -> None:
    reasons = [allowed for start, allowed in WITH_A_REASON.items() if name.startswith(start)]
    assert asks(tree) <= set().union(*reasons)


def test_a_clock_in_disguise_is_seen() -> None:
    source = "import datetime\nfrom time import time\ndatetime.datetime.now()\n"
    assert asks(ast.parse(source)) == {"time", "datetime.now"}
