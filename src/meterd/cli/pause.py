"""Pause a configuration's record: what is used meanwhile is not recorded.

A cut lifts no pause; `meterd resume` does. Works beside a running daemon and without one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from meterd.cli.record_order import give, order_arguments


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    order_arguments(parser)


def run(args: Namespace) -> int:
    """Print the order as it was carried out."""
    return give(args, "pause")
