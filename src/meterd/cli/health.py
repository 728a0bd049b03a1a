"""Ask the running daemon whether it is well (for a container's health check)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from meterd.cli.control import ask, expect_done
from meterd.cli.exits import DONE, CliError
from meterd.cli.site import loaded, store_argument, store_path


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)


def run(args: Namespace) -> int:
    """Exit 1 if it is not, or if none runs."""
    found = loaded(args)
    answer = ask(store_path(found, args.store), "GET", "/healthz")
    if answer is None:
        raise CliError("no daemon runs on this store")
    expect_done(answer)
    print("well")
    return DONE
