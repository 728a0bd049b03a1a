"""Check the configuration file: every error and warning, with its line and the remedy."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from os import environ

import msgspec

from meterd.cli.exits import CONFIGURATION, DONE, FINDING
from meterd.cli.printing import as_json
from meterd.cli.site import config_path
from meterd.config.findings import blocking, told
from meterd.config.load import load
from meterd.config.schema import schema
from meterd.readers.budget import warnings


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("--schema", action="store_true", help="print the file's JSON Schema")
    parser.add_argument("--strict", action="store_true", help="warnings alone exit 1")


def run(args: Namespace) -> int:
    """Exit 78 if the daemon would refuse the file; warnings alone exit 0."""
    if args.schema:
        as_json(schema())
        return DONE
    path = config_path(args)
    found = load(path, environ)
    findings = list(found.findings)
    if found.config is not None:
        findings = sorted([*findings, *warnings(found)], key=lambda f: (f.file, f.line, f.column))
    if args.json:
        rows = [msgspec.structs.asdict(finding) for finding in findings]
        as_json([row | {"file": row["file"] or str(path)} for row in rows])
    else:
        for finding in findings:
            print(told(finding, str(path)), file=sys.stderr)
    if found.config is None or blocking(found.findings):
        return CONFIGURATION
    if not args.json:
        said = _counted(len(findings), "warning") if findings else "nothing wrong"
        print(f"{path}: {_counted(len(found.config.meters), 'meter')}, {said}")
    return FINDING if args.strict and findings else DONE


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
