"""The meters made through the API, as YAML for the configuration file.

Once they stand there, the file's are in force; their ids and their history stay.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from meterd.cli.exits import DONE
from meterd.cli.printing import as_json
from meterd.cli.site import loaded, merged, store_argument, store_errors, store_path
from meterd.config.objects import body_of, encoded
from meterd.stores.queries import Reader


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)


def run(args: Namespace) -> int:
    """Print those that fit the file and are not in it yet, oldest first."""
    found = loaded(args)
    with store_errors(), Reader.open(store_path(found, args.store)) as reader:
        result = merged(found, reader)
        passed = result.hidden | result.left_out.keys()
        bodies = [body_of(item) for item in reader.objects() if item.name not in passed]
    if args.json:
        as_json([msgspec.Raw(encoded(body)) for body in bodies])
    else:
        print("\n".join(yaml_of(bodies)))
    return DONE


def yaml_of(bodies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Lines of YAML, one a key. Every value is JSON, which is YAML whichever way it is read."""
    yield "meters:" if bodies else "meters: []"
    for body in bodies:
        for number, (key, value) in enumerate(body.items()):
            yield f"{'    ' if number else '  - '}{key}: {encoded(_literal(value))}"


def _literal(value: Any) -> Any:
    """The value with ${ written so that the file does not take it for a reference."""
    if isinstance(value, Mapping):
        return {key: _literal(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_literal(child) for child in value]
    return value.replace("${", "$${") if isinstance(value, str) else value
