"""What was made through the API, as YAML for the configuration file: meters and bills.

Once they stand there, the file's are in force; their ids and their history stay. What was made
or disabled of the sources of the file's own bills is printed as comments.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from meterd.cli.exits import DONE
from meterd.cli.printing import as_json
from meterd.cli.site import loaded, merged, store_argument, store_errors, store_path
from meterd.config.stored import BILL, BILL_SOURCES, METER, body_of, encoded, label_of
from meterd.stores.queries import Reader

SECTIONS: Final = {"meters": METER, "bills": BILL, "bill_sources": BILL_SOURCES}


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)


def run(args: Namespace) -> int:
    """Print those that fit the file and are not in it yet, oldest first."""
    found = loaded(args)
    with store_errors(), Reader.open(store_path(found, args.store)) as reader:
        result = merged(found, reader)
        passed = result.hidden | result.left_out.keys()
        rows = [item for item in reader.objects() if label_of(item) not in passed]
    made = {
        section: [body_of(item) for item in rows if item.entity == entity]
        for section, entity in SECTIONS.items()
    }
    if args.json:
        as_json({name: [msgspec.Raw(encoded(body)) for body in made[name]] for name in made})
    else:
        beside = made.pop("bill_sources")
        lines = [line for name, bodies in made.items() if bodies for line in yaml_of(bodies, name)]
        print("\n".join((*(lines or ["meters: []"]), *comments_of(beside))))
    return DONE


def yaml_of(bodies: Sequence[Mapping[str, Any]], section: str) -> Iterator[str]:
    """Lines of YAML, one a key. Every value is JSON, which is YAML whichever way it is read."""
    yield f"{section}:"
    for body in bodies:
        for number, (key, value) in enumerate(body.items()):
            yield f"{'    ' if number else '  - '}{key}: {encoded(_literal(value))}"


def comments_of(bodies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What to write by hand below the bills that stand in the file."""
    for body in bodies:
        yield f"# bill {body['name']}, below its sources:"
        yield from (f"#   - {encoded(source)}" for source in body["sources"])


def _literal(value: Any) -> Any:
    """The value with ${ written so that the file does not take it for a reference."""
    if isinstance(value, Mapping):
        return {key: _literal(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_literal(child) for child in value]
    return value.replace("${", "$${") if isinstance(value, str) else value
