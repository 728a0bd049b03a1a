"""Resume a configuration's record after a pause.

It counts again from this instant. Works beside a running daemon and without one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from meterd.cli.record_order import give, order_arguments


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    order_arguments(parser)


def run(args: Namespace) -> int:
    """Print the order as it was carried out."""
    return give(args, "resume")
