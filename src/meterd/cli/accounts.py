"""What verbs about accounts have in common: who there is, and how a change of it is given."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from meterd.cli.control import ask, expect_done
from meterd.cli.exits import FINDING, USAGE, CliError
from meterd.cli.offline import engine
from meterd.cli.site import merged, store_errors
from meterd.config.accounts import KINDS, USER, Accounts, checked_account
from meterd.config.bill_books import RefusedError
from meterd.config.load import Loaded
from meterd.config.values import WrongValueError
from meterd.orders import Administered
from meterd.stores.queries import Reader

Change = Callable[[Accounts], Administered | None]
Asked = tuple[str, str, dict[str, Any] | None]
"""Method, target and body of a request to a running daemon."""


def accounts_of(reader: Reader) -> Accounts:
    """As of the last commit."""
    return Accounts().after(row for kind in KINDS for row in reader.kept(kind))


def bills_of(found: Loaded, path: str) -> Collection[str]:
    """Every bill there is, of the file and of the store."""
    assert found.config is not None
    if not Path(path).exists():
        return [bill.name for bill in found.config.bills]
    with store_errors(), Reader.open(path) as reader:
        return [bill.name for bill in merged(found, reader).config.bills]


def account(name: str, what: str = USER) -> str:
    """The name of a user or a role; CliError 2 for what is none."""
    try:
        return checked_account(name, what)
    except WrongValueError as wrong:
        raise CliError(f"{name!r} {wrong}. {wrong.remedy}", USAGE) from wrong


def give(path: str, found: Loaded, asked: Asked, change: Change) -> bool:
    """Give an order; whether a daemon took it. CliError 1 with the reason where it is refused."""
    answer = ask(path, *asked)
    if answer is not None:
        expect_done(answer)
        return True
    with store_errors(), engine(path, found) as held:
        try:
            item = change(accounts_of(held.reader))
        except RefusedError as error:
            raise CliError(str(error), FINDING) from error
        if item is not None:
            held.pipeline.feed(item)
    return False
