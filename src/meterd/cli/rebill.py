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

from meterd.billing.recompute import at_rate, priced_as
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.printing import as_json, as_table
from meterd.cli.site import known, loaded, merged, seen, store_argument, store_errors, store_path
from meterd.config.compile import site_spec
from meterd.config.models import Config
from meterd.metering.calendar import iso
from meterd.pipeline import Pipeline
from meterd.specs import BillSpec
from meterd.stores.queries import Reader
from meterd.stores.what_if import Cases

COLUMNS: Final = ("line", "billed", "what_if", "difference")


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
        answer = _answer(args, Cases(reader, pipeline, args.bill), other)
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


def _place(cases: Cases, name: str, wanted: str | None) -> int:
    """The period asked for; else the last closed one, else the first that runs."""
    fitting = [n for n, day in enumerate(cases.days()) if day.startswith(wanted or "")]
    if not fitting:
        raise CliError(f"{name} has no period that began in {wanted or 'any month'}", FINDING)
    return fitting[-1] if wanted else max(0, len(cases.closed) - 1)


def _answer(args: Namespace, cases: Cases, other: BillSpec) -> dict[str, Any]:
    rate = None if args.rate is None else _rate(args.rate)

    def what_if(terms: BillSpec) -> BillSpec:
        priced = priced_as(terms, other)
        return priced if rate is None else at_rate(priced, rate)

    place = _place(cases, args.bill, args.period)
    case, cost = cases.case(place), cases.cost(place, what_if)
    return {
        "bill": args.bill,
        "start": iso(case.evidence.start_ms),
        "end": iso(case.evidence.end_ms),
        "status": case.status,
        "terms": {"tariff": args.tariff} if args.rate is None else {"rate": args.rate},
        "billed": case.cost,
        "what_if": cost,
        "difference": _difference(case.cost, cost),
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
