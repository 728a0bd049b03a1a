"""Make the running daemon take the changed configuration, or say why it does not."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from meterd.cli.control import ask, expect_done
from meterd.cli.exits import DONE, CliError
from meterd.cli.site import loaded, store_argument, store_path


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)


def run(args: Namespace) -> int:
    """Exit 78 if the file cannot be used, 1 if no daemon runs or it refuses."""
    found = loaded(args, live=True)
    answer = ask(store_path(found, args.store), "POST", "/v1/reload")
    if answer is None:
        raise CliError("no daemon runs on this store; `meterd run` starts one")
    expect_done(answer)
    print("reloaded")
    return DONE
