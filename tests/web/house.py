"""A small site on a real store, as a daemon would show it to the web, and ways to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from decimal import Decimal
from pathlib import Path

from tests.shapes.statement.case import PERIOD
from tests.web.asking import Client, over_application, over_tcp_to
from tests.web.people import NOW_MS, accounts

from meterd.billing.closing import canonical
from meterd.config.fields import SHIPPED
from meterd.config.http import HttpConfig
from meterd.config.models import Config
from meterd.config.site import SiteConfig
from meterd.config.stored import Findings
from meterd.config.tokens import digest
from meterd.config.written import Written
from meterd.events import Event, Input, Interval, Output, PeriodClosed, RecordRow, Sample
from meterd.metering.calendar import iso
from meterd.orders import Administered, StoredObject, StoredSession, StoredToken
from meterd.records.ulid import ulid
from meterd.specs import BillSpec, MeterSpec, RecordSpec, RegisterSpec, SiteSpec, SourceSpec
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore
from meterd.views import BillView, MeterView, SiteView
from meterd.web.app import Reader, application
from meterd.web.viewers import Viewers
from meterd.web.world import LineView, Peeked

NOON_MS = 1_767_268_800_000  # 2026-01-01T12:00:00Z
FIVE_MIN_MS = 300_000
HOUR_MS = 3_600_000

RATE = Decimal("0.38")
WATER = RecordSpec("Conveyor water", "main", "volume", "m3", "EUR", RATE, "water", "conveyor-1")
MAIN = MeterSpec(
    "main", registers=(RegisterSpec("energy_import"), RegisterSpec("volume", unit="m3")),
    general={"name": "main", "status": {"id": 1, "label": "Active"}},
)  # fmt: skip
SITE = SiteSpec(
    "hq", "Europe/Berlin",
    meters=(MAIN, MeterSpec("rack-12", registers=(RegisterSpec("energy_import"),))),
    records=(WATER,),
    bills=(BillSpec("tenant-a", sources=(SourceSpec("main"),)),),
    fields=tuple(SHIPPED.values()),
)  # fmt: skip
MAIN_VIEW = MeterView(
    "main", True, NOON_MS, "good", {"currentKw": 1.5, "lastReadingTime": iso(NOON_MS)},
    {"active_power": 1.5, "temperature": 21.5}, {"energy_import": 360_000_000}, {},
)  # fmt: skip
BILL_VIEW = BillView(
    "tenant-a", {
        "name": "tenant-a", "type": "energy", "unit": "kWh", "accuracy": "measured",
        "sources": [{"meter": "main", "kind": "energy", "enabled": True}],
        "periods": [{**PERIOD, "status": "open", "used": "0.3"}],
    },
)  # fmt: skip
SCOPES = {
    "reader": "read", "operator": "operate", "writer": "write", "admin": "admin",
    "gateway": "push:main", "old": "write",
}  # fmt: skip
TOKENS = {
    f"meterd_{name}": StoredToken(
        name, digest(f"meterd_{name}"), (scope,), 1, "anna", NOW_MS if name == "old" else None
    )
    for name, scope in SCOPES.items()
}
"""Token -> what is kept of it; the last one expires this very instant."""


def bearer(token: str) -> dict[str, str]:
    """The header that a token comes in."""
    return {"Authorization": f"Bearer {token}"}


def interval(slot: int, quantity: str = "energy_import", amount: int = 360_000) -> Interval:
    """Five minutes of main; slot 0 begins at noon."""
    start_ms = NOON_MS + slot * FIVE_MIN_MS
    return Interval("main", quantity, "measured", "", start_ms, start_ms + FIVE_MIN_MS, amount)


def event(minute: int, kind: str = "rollover", meter: str = "main") -> Event:
    """Something that happened some minutes after noon."""
    at_ms = NOON_MS + minute * 60_000
    entropy = len(meter)  # two meters may be off line at once; their events are two
    return Event(ulid(at_ms, entropy), at_ms, kind, meter, "energy_import", {"n": str(minute)})


def record(run: int, status: str, end_ms: int | None = None) -> RecordRow:
    """The run-th record of the water, one for every minute after noon."""
    start_ms = NOON_MS + run * 60_000
    return RecordRow(
        ulid(start_ms, run), WATER.name, run, status, start_ms, end_ms, 1_500_000, "0.57",
        start_ms, end_ms, "meterd" if end_ms else None, None, "schedule" if end_ms else "",
    )  # fmt: skip


def history() -> list[Output]:
    """What the store holds."""
    december = {"start": "2025-11-30T23:00:00Z", "end": PERIOD["start"]}
    figures = {**PERIOD, **december, "status": "closed", "used": "7.25", "energy_kwh": "7.25"}
    body = canonical({"bill": "tenant-a", "figures": figures})
    outputs: list[Output] = [interval(slot) for slot in range(6)]
    outputs += [interval(slot, "volume", 1500) for slot in range(2)]
    for n in range(3):
        outputs.append(Sample("tenant-a", "energy", NOON_MS, interval(n), discarded=n == 1))
    outputs += [event(1), event(2, "offline"), event(3, "online"), event(3, "offline", "rack-12")]
    outputs += [record(1, "COMPLETED", NOON_MS + 120_000), record(2, "FAULTED", NOON_MS + 180_000)]
    closed = PeriodClosed("tenant-a", NOON_MS - 1, NOON_MS, NOON_MS, body, "beef", "")
    return [*outputs, record(3, "RUNNING"), closed]


class Daemon:
    """What the web sees of a daemon. trouble: why it is neither well nor ready."""

    def __init__(self, store: SqliteStore) -> None:
        self.site = SITE
        self.meters: Mapping[str, MeterView] = {"main": MAIN_VIEW}
        self.bills: Mapping[str, BillView] = {"tenant-a": BILL_VIEW}
        self.whole = SiteView()
        self.viewers = Viewers()
        self.lines: Sequence[LineView] = [LineView("hall")]
        self.store = store
        self.trouble: str | None = None
        self.refusal: str | None = None
        self.failure: Exception | None = None
        self.orders: list[Input] = []
        self.changes: list[Administered] = []
        self.used: list[str] = []
        self.reloads = 0
        self.file = self.config = Config(site=SiteConfig("hq", "Europe/Berlin"), meters=())
        self.written = lambda: Written(Path("meterd.yaml"), (), (), in_force=True)
        self.objects: Mapping[str, StoredObject] = {}
        self.hidden: frozenset[str] = frozenset()
        self.left_out: Findings = {}
        self.tokens = {token.name: token for token in TOKENS.values()}
        self.accounts = accounts()
        self.seen: list[str] = []

    def healthy(self) -> str | None:
        return self.trouble

    ready = healthy

    def reader(self) -> AbstractContextManager[Reader]:
        if self.failure is not None:
            raise self.failure
        return self.store.reader()

    async def order(self, item: Input) -> Sequence[Output]:
        if self.failure is not None:
            raise self.failure
        self.orders.append(item)
        return []

    async def administer(self, decide: Callable[[], Administered | None]) -> Findings:
        self.changes += filter(None, [decide()])
        return {}

    rehearse = administer  # neither puts anything in force here

    async def peek(self, _row: StoredObject) -> Peeked:
        return Peeked(trouble="nothing answers here")

    async def use(self, token: StoredToken) -> None:
        self.used.append(token.name)

    async def use_session(self, session: StoredSession) -> None:
        self.seen.append(session.user)

    async def reload(self) -> str | None:
        self.reloads += 1
        return self.refusal

    def now_ms(self) -> int:
        return NOW_MS


def opened(path: Path) -> SqliteStore:
    """A store with the history in it."""
    store = SqliteStore.open(path, now_ms=NOON_MS, new_epoch="first")
    store.register_configurations([WATER])
    store.commit_now(Batch(outputs=history(), now_ms=NOON_MS))
    return store


def exposition(now_ms: int, openmetrics: bool) -> bytes:
    """A page of metrics that says how it was asked for."""
    return b"# at %d openmetrics %d\n" % (now_ms, openmetrics)


@asynccontextmanager
async def over_tcp(daemon: Daemon, *hosts: str) -> AsyncIterator[Client]:
    """The web as the host's own browser sees it."""
    async with over_tcp_to(application(daemon, exposition, HttpConfig(names=hosts))) as client:
        yield client


@asynccontextmanager
async def over_socket(daemon: Daemon, path: Path, *, trusted: bool = True) -> AsyncIterator[Client]:
    """The web on a Unix socket: as the operator, or, untrusted, as somebody of no address."""
    app = application(daemon, exposition, None if trusted else HttpConfig())
    async with over_application(app, path) as client:
        yield client
