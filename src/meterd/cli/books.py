"""What the verbs `bill` and `source` have in common: orders about bills, and what there is.

Beside a running daemon an order goes through its control socket and is in force at once; without
one the same decision is checked by the same rules and committed. Either way it is an audited event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from meterd.cli.control import ask, expect_done
from meterd.cli.exits import FINDING, CliError
from meterd.cli.offline import engine
from meterd.cli.site import merged, seen, store_errors
from meterd.config.bill_books import Books, RefusedError
from meterd.config.compile import site_spec
from meterd.config.load import Loaded
from meterd.config.objects import with_objects
from meterd.config.stored import label_of
from meterd.orders import Administered, StoredObject
from meterd.pipeline import Pipeline
from meterd.specs import SiteSpec
from meterd.stores.places import exists
from meterd.stores.queries import Reader
from meterd.views import MeterView

Change = Callable[[Books], Administered | None]


class Order(NamedTuple):
    """What to ask a running daemon, and what to decide where none runs."""

    method: str
    target: str
    body: dict[str, Any] | None
    change: Change


class Known(NamedTuple):
    """What there is: the site, the books, and what each meter shows."""

    site: SiteSpec
    books: Books
    meters: dict[str, MeterView]


def known_books(path: str, found: Loaded) -> Known:
    """As of the last commit; where there is no store yet, as the file says."""
    assert found.config is not None
    if not exists(path):
        site = site_spec(found.config)
        return Known(site, Books(found.config, found.config, {}), {})
    with store_errors(), Reader.open(path) as reader:
        config = merged(found, reader).config
        objects = {label_of(item): item for item in reader.objects()}
        site = site_spec(config, seen(reader))
        pipeline = Pipeline(site, reader.states())
        views = {name: pipeline.meter_view(name) for name in pipeline.meters}
    return Known(site, Books(found.config, config, objects), views)


def give(path: str, found: Loaded, order: Order) -> bool:
    """Give an order; whether a daemon took it. CliError 1 with the reason where it is refused."""
    answer = ask(path, order.method, order.target, order.body)
    if answer is not None:
        expect_done(answer)
        return True
    with store_errors():
        _carry_out(path, found, order.change)
    return False


def _carry_out(path: str, found: Loaded, change: Change) -> None:
    assert found.config is not None
    file, folder = found.config, found.path.parent.absolute()
    with engine(path, found) as held:
        objects = {label_of(item): item for item in held.reader.objects()}
        before = with_objects(file, list(objects.values()), folder)
        try:
            item = change(Books(file, before.config, objects))
        except RefusedError as error:
            raise CliError(str(error), FINDING) from error
        if item is None:
            return
        assert isinstance(item.row, StoredObject)
        own = label_of(item.row)
        there = {**objects, own: item.row}
        after = with_objects(file, [row for row in there.values() if not row.gone], folder)
        for name in after.left_out.keys() - (before.left_out.keys() - {own}):
            wrong = after.left_out[name][0]
            where = "" if name == own else f"{name} would not fit any more: "
            raise CliError(f"{where}{wrong.path}: {wrong.message}. {wrong.remedy}", FINDING)
        held.pipeline.feed(item)
