"""Verbs that have actions of their own: `meterd token add NAME`."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping
from pathlib import Path


def actions(parser: ArgumentParser, summaries: Mapping[str, str]) -> dict[str, ArgumentParser]:
    """A parser for each action; `args.action` says which it was.

    What every verb takes may stand after the action too.
    """
    subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = {}
    for name, summary in summaries.items():
        action = made[name] = subparsers.add_parser(
            name, help=summary, description=summary, formatter_class=RawDescriptionHelpFormatter
        )
        action.add_argument("-c", "--config", type=Path, metavar="FILE", default=SUPPRESS)
        action.add_argument("--json", action="store_true", default=SUPPRESS)
        action.add_argument("--store", metavar="URL", default=SUPPRESS)
    return made
