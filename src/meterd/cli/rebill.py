"""What a period would have cost on other terms; nothing is changed by asking.

A closed period, or the open one so far, is computed again from its samples and priced by
another tariff of the configuration, or by one rate per kWh.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from meterd.billing.closing import sealed
from meterd.billing.figures import CLOSED, CLOSING, OPEN, figures
from meterd.billing.recompute import Evidence, at_rate, priced_as, recomputed
from meterd.billing.world import World
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.printing import as_json, as_table
from meterd.cli.site import known, loaded, merged, seen, store_argument, store_errors, store_path
from meterd.config.checks.unbuilt import LACKING
from meterd.config.compile import site_spec
from meterd.config.models import Config
from meterd.events import PeriodClosed
from meterd.metering.calendar import Calendar, iso
from meterd.pipeline import Pipeline
from meterd.specs import BillSpec
from meterd.stores.evidence import of_closed, of_running
from meterd.stores.pages import walk
from meterd.stores.queries import Reader

COLUMNS: Final = ("line", "billed", "what_if", "difference")


class Case(msgspec.Struct):
    """A period, and what is stored of it. cost: as it was billed."""

    status: str
    evidence: Evidence
    terms: BillSpec
    world: World
    now_ms: int
    cost: dict[str, Any] | None = None


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("bill", metavar="BILL")
    parser.add_argument(
        "--period", metavar="P", help="that began in 2026-01, or on 2026-01-15; default: the latest"
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--tariff", metavar="NAME", help="one of the configuration's tariffs")
    how.add_argument("--rate", metavar="R", help="a price per kWh, in the bill's currency")


def run(args: Namespace) -> int:
    """Print both costs, line by line; exit 1 where there is no such period."""
    found = loaded(args)
    with store_errors(), Reader.open(store_path(found, args.store)) as reader, reader.snapshot():
        config = merged(found, reader).config
        known("bill", args.bill, [bill.name for bill in config.bills])
        other = _other(args, config, seen(reader))
        pipeline = Pipeline(site_spec(config, seen(reader)), reader.states())
        case = _case(reader, pipeline, args.bill, args.period)
    answer = _answer(args, case, other)
    if args.json:
        as_json(answer)
    else:
        print(f"{answer['bill']}  {answer['start']} to {answer['end']}  {answer['status']}")
        as_table(_rows(answer), COLUMNS)
    return DONE


def _other(args: Namespace, config: Config, have: dict[str, list[str]]) -> BillSpec:
    """The bill as the configuration would have it on the other terms."""
    if args.tariff is not None:
        known("tariff", args.tariff, config.tariffs)
        if "tariff" in LACKING:
            raise CliError(f"not built yet: {LACKING['tariff']}", FINDING)
    bills = tuple(
        msgspec.structs.replace(bill, tariff=args.tariff if bill.name == args.bill else bill.tariff)
        for bill in config.bills
    )
    compiled = site_spec(msgspec.structs.replace(config, bills=bills), have)
    return next(spec for spec in compiled.bills if spec.name == args.bill)


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("nan")
    if not rate.is_finite():
        raise CliError(f"--rate is a price per kWh such as 0.30, not {text!r}", USAGE)
    return rate


# -- which period -------------------------------------------------------------------------


def _case(reader: Reader, pipeline: Pipeline, name: str, wanted: str | None) -> Case:
    """The period asked for; else the last closed one, else the first that runs."""
    closed = list(walk(lambda page: reader.periods(name, page)))
    running = pipeline.bills[name].state.periods
    starts = [*(row.start_ms for row in closed), *(state.start_ms for state in running)]
    days = [pipeline.world.calendar.date_of(start_ms).isoformat() for start_ms in starts]
    fitting = [n for n, day in enumerate(days) if day.startswith(wanted or "")]
    if not fitting:
        raise CliError(f"{name} has no period that began in {wanted or 'any month'}", FINDING)
    place = fitting[-1] if wanted else max(0, len(closed) - 1)
    if place < len(closed):
        return _closed(reader, pipeline.world, closed[: place + 1])
    return _running(reader, pipeline, name, place - len(closed))


def _closed(reader: Reader, world: World, rows: list[PeriodClosed]) -> Case:
    *before, row = rows
    terms_of = {earlier.start_ms: sealed(earlier.body).terms for earlier in before}
    body = sealed(row.body)
    evidence = of_closed(reader, row, body, terms_of)
    there = msgspec.structs.replace(world, calendar=Calendar(body.time_zone))
    return Case(CLOSED, evidence, body.terms, there, row.end_ms, body.figures["cost"])


def _running(reader: Reader, pipeline: Pipeline, name: str, index: int) -> Case:
    bill, now_ms = pipeline.bills[name].state, pipeline.state.now_ms
    state = bill.periods[index]
    terms = bill.terms[state.terms]
    status = OPEN if now_ms < state.end_ms else CLOSING
    evidence = of_running(reader, name, state, terms)
    case = Case(status, evidence, terms, pipeline.world, now_ms)
    case.cost = _cost(case, terms)
    return case


# -- what it costs ------------------------------------------------------------------------


def _cost(case: Case, terms: BillSpec) -> dict[str, Any] | None:
    period = recomputed(case.evidence, terms, case.world.calendar)
    shown = msgspec.to_builtins(figures(period, case.world, case.status, case.now_ms))
    cost: dict[str, Any] | None = shown["cost"]
    return cost


def _answer(args: Namespace, case: Case, other: BillSpec) -> dict[str, Any]:
    terms = priced_as(case.terms, other)
    if args.rate is not None:
        terms = at_rate(terms, _rate(args.rate))
    what_if = _cost(case, terms)
    return {
        "bill": args.bill,
        "start": iso(case.evidence.start_ms),
        "end": iso(case.evidence.end_ms),
        "status": case.status,
        "terms": {"tariff": args.tariff} if args.rate is None else {"rate": args.rate},
        "billed": case.cost,
        "what_if": what_if,
        "difference": _difference(case.cost, what_if),
    }


def _difference(billed: dict[str, Any] | None, what_if: dict[str, Any] | None) -> str | None:
    """None where there is nothing to compare, or in two currencies."""
    if billed is None or what_if is None or billed["currency"] != what_if["currency"]:
        return None
    return format(Decimal(what_if["total"]) - Decimal(billed["total"]), "+f")


def _rows(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of both, those of one name beside each other, and the totals."""
    billed, what_if = _lines(answer["billed"]), _lines(answer["what_if"])
    for name in {**billed, **what_if}:
        yield {"line": name[0], "billed": billed.get(name), "what_if": what_if.get(name)}
    totals = {
        side: cost and f"{cost['total']} {cost['currency']}"
        for side, cost in ((side, answer[side]) for side in ("billed", "what_if"))
    }
    yield {"line": "total", **totals, "difference": answer["difference"]}


def _lines(cost: dict[str, Any] | None) -> dict[tuple[str, int], str]:
    """(name, how many of that name came before) -> the line."""
    seen_before: Counter[str] = Counter()
    found = {}
    for line in cost["lines"] if cost else ():
        name = line["name"]
        text = f"{line['quantity']} {line['unit']} x {line['rate']} = {line['amount']}"
        found[name, seen_before[name]] = text
        seen_before[name] += 1
    return found
