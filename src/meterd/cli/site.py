"""What every verb starts from: the configuration, and the store as it was last committed."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import msgspec

from meterd.cli.exits import BUSY, CONFIGURATION, FINDING, USAGE, CliError
from meterd.config.compile import site_spec
from meterd.config.findings import WARNING, blocking, told
from meterd.config.load import Loaded, load
from meterd.config.models import Config
from meterd.config.objects import Merged, with_objects
from meterd.config.store import MEMORY, default_store, store_url
from meterd.config.values import WrongValueError
from meterd.pipeline import Pipeline
from meterd.specs import SiteSpec
from meterd.stores import StoreBusy, StoreError
from meterd.stores.places import exists
from meterd.stores.queries import Reader

PLACES: Final = (Path("meterd.yaml"), Path("/etc/meterd/meterd.yaml"))


RECORDED: Final = "recorded"
"""Key of the store's small values: what its recordings had of each meter."""


class Stored(msgspec.Struct):
    """A site as its store tells: the last commit, whether or not the daemon runs."""

    site: SiteSpec
    reader: Reader
    pipeline: Pipeline


def store_argument(parser: ArgumentParser) -> None:
    """`--store URL`, for verbs that read or write one."""
    parser.add_argument("--store", metavar="URL", help="instead of the configuration's store")


def config_path(args: Namespace) -> Path:
    """The file named, or $METERD_CONFIG, or the first of the usual places that exists."""
    if args.config is not None:
        return Path(args.config)
    named = os.environ.get("METERD_CONFIG")
    if named:
        return Path(named)
    return next((place for place in PLACES if place.exists()), PLACES[0])


def loaded(args: Namespace, *, live: bool = False) -> Loaded:
    """The configuration; CliError 78 when it must not be used. live: warnings are printed too."""
    path = config_path(args)
    found = load(path, os.environ)
    for finding in found.findings:
        if live or finding.severity != WARNING:
            print(told(finding, str(path)), file=sys.stderr)
    if found.config is None or blocking(found.findings):
        raise CliError(f"{path} cannot be used; see above", CONFIGURATION)
    return found


def store_path(found: Loaded, url: str | None) -> str:
    """The place of the store: of `url`, else the configuration's; ":memory:" for none."""
    assert found.config is not None
    configured = found.config.store
    text = url or (configured.reveal() if configured else default_store(os.environ))
    try:
        text = store_url(text, Path.cwd() if url else found.path.parent)
    except WrongValueError as error:
        raise CliError(f"--store {text}: {error}", USAGE) from error
    if text == MEMORY:
        return ":memory:"
    return text.removeprefix("sqlite://")


@contextmanager
def stored(args: Namespace) -> Iterator[Stored]:
    """The site and its store, to read."""
    found = loaded(args)
    with store_errors(), Reader.open(store_path(found, args.store)) as reader:
        site = site_spec(merged(found, reader).config, seen(reader))
        yield Stored(site, reader, Pipeline(site, reader.states()))


def merged(found: Loaded, reader: Reader) -> Merged:
    """The configuration with the meters made through the API; those left out are told."""
    assert found.config is not None
    result = with_objects(found.config, reader.objects(), found.path.parent.absolute())
    for name, wrong in result.left_out.items():
        first = f"{wrong[0].path}: {wrong[0].message}"
        print(f"{name}, made through the API, is left out: {first}", file=sys.stderr)
    return result


def whole(args: Namespace) -> Config:
    """The configuration for a verb that reads meters: with those of the store, if there is one."""
    found = loaded(args)
    assert found.config is not None
    try:
        path = store_path(found, None)
        if not exists(path):
            return found.config
        with Reader.open(path) as reader:
            return merged(found, reader).config
    except (CliError, StoreError) as error:
        print(f"meters made through the API are not seen: {error}", file=sys.stderr)
        return found.config


@contextmanager
def store_errors() -> Iterator[None]:
    """A store's errors as exit codes: 75 where another instance holds it."""
    try:
        yield
    except StoreBusy as error:
        raise CliError(str(error), BUSY) from error
    except StoreError as error:
        raise CliError(str(error), FINDING) from error


def seen(reader: Reader) -> dict[str, list[str]]:
    """meter -> what recordings replayed into the store have of it."""
    value = reader.meta(RECORDED)
    return {} if value is None else msgspec.json.decode(value, type=dict[str, list[str]])


def known(kind: str, name: str, names: Collection[str]) -> str:
    """The name, if there is such a thing; else CliError 2 with the nearest that there is."""
    if name in names:
        return name
    near = get_close_matches(name, names, 1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there is: {', '.join(sorted(names))}"
    raise CliError(f"no {kind} {name!r}{hint}", USAGE)
