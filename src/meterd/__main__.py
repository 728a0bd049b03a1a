"""`meterd VERB`: each verb is one module in `meterd.cli`, found by its name."""

from __future__ import annotations

import argparse
import importlib
import keyword
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from meterd.cli.exits import DONE, USAGE, CliError
from meterd.cli.logging import configure_logging
from meterd.versions import installed

VERBS: Final = (
    "run", "demo", "check", "plan", "read", "scan", "probe", "replay", "meters", "records", "bills",
    "statement", "samples", "intervals", "events", "alarms", "adjustments", "audit", "rebill",
    "import", "cutover", "pause", "resume", "cancel", "replace", "reading", "acknowledge", "bill",
    "source", "user", "token", "export", "profiles", "simulate", "record", "backup", "doctor",
    "top", "reload", "health",
)  # fmt: skip
HIDDEN: Final = frozenset({"health"})


def _module(verb: str) -> ModuleType:
    name = f"{verb}_" if keyword.iskeyword(verb) else verb
    return importlib.import_module(f"meterd.cli.{name}")


def _summary() -> str:
    lines = [
        f"  {verb:12} {(_module(verb).__doc__ or '').splitlines()[0]}"
        for verb in VERBS
        if verb not in HIDDEN
    ]
    return "\n".join(("usage: meterd VERB [-c FILE] [--json]", "", *lines, "", _FOOT))


_FOOT: Final = (
    "`meterd VERB --help` says more. "
    "Exit codes: 0 done, 1 a finding, 2 usage, 75 busy, 78 configuration."
)


def _parser(verb: str, module: ModuleType) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"meterd {verb}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-c", "--config", type=Path, help="the YAML file", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print JSON")
    module.arguments(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit code of the contract."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help", "help"}:
        print(_summary())
        return DONE if words else USAGE
    verb = words[0]
    if verb == "--version":
        print(f"meterd {installed('meterd')}")
        return DONE
    if verb not in VERBS:
        print(f"meterd: no verb {verb!r}; `meterd --help` lists them", file=sys.stderr)
        return USAGE
    module = _module(verb)
    configure_logging({"METERD_LOG": "WARNING", **os.environ})
    args = _parser(verb, module).parse_args(words[1:])
    try:
        code = int(module.run(args))
        sys.stdout.flush()  # while a broken pipe can still be met
    except CliError as error:
        print(f"meterd {verb}: {error}", file=sys.stderr)
        return error.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
