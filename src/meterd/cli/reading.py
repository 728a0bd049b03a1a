"""Enter a reading that a person took off a meter: `meterd reading water-1 1234.5`.

The value is in the unit of the meter's point. What was used since the reading before is
spread over the time between them. Works beside a running daemon and without one.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.offline import engine
from meterd.cli.printing import as_json
from meterd.cli.site import known, loaded, store_argument, store_errors, store_path, whole
from meterd.clock import SystemClock
from meterd.config.load import Loaded
from meterd.config.meters import MeterConfig
from meterd.shapes.entries import EntryError, Newest, outcome, reading


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("meter", metavar="METER")
    parser.add_argument("value", metavar="VALUE")
    parser.add_argument("--quantity", metavar="Q", help="what it is of, where it has several")
    parser.add_argument("--at", metavar="T", help="when it was taken (ISO 8601); default: now")


def run(args: Namespace) -> int:
    """Print what became of it; exit 1 where it was not taken, as one that is there already."""
    found = loaded(args)
    path = store_path(found, args.store)
    meters = {meter.name: meter for meter in whole(args).meters}
    meter = meters[known("meter", args.meter, meters)]
    item = {"meter": meter.name, args.quantity or _only_counter(meter): args.value}
    if args.at is not None:
        item["time"] = args.at
    answer = ask(path, "POST", "/v1/readings", item)
    if answer is not None:
        told = expect_done(answer)
    else:
        with store_errors():
            told = _carry_out(path, found, item)
    if args.json:
        as_json(told)
    elif told["refused"] is None:
        print(" ".join((f"{meter.name}: entered", *told["events"])))
    if told["refused"] is not None:
        raise CliError(f"{meter.name} at {told['time']}: {told['refused']}", FINDING)
    return DONE


def _only_counter(meter: MeterConfig) -> str:
    """The counter that a value is of, where there is no doubt."""
    counters = list(meter.counters) if meter.points else ["energy_import"]
    if len(counters) != 1:
        has = f"it has {' and '.join(counters)}" if counters else "it has none"
        raise CliError(f"{meter.name}: say which counter with --quantity; {has}", USAGE)
    return counters[0]


def _carry_out(path: str, found: Loaded, item: dict[str, Any]) -> dict[str, Any]:
    with engine(path, found) as held:
        specs = {spec.name: spec for spec in held.site.meters}
        spec = specs[known("meter", item["meter"], specs)]
        try:
            taken = reading(spec, item, SystemClock().now_ms(), actor())
        except EntryError as error:
            raise CliError(str(error), USAGE) from error
        state = held.pipeline.meters[spec.name].state
        before = Newest(state.at_ms, state.gauges)
        return outcome(taken, held.pipeline.answer(taken), before)
