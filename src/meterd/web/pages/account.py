"""What whoever has logged in may do, their logins, and their password."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from meterd.config.logins import OIDC
from meterd.web.asked import parameters
from meterd.web.caller import OWN, caller_of, needs
from meterd.web.forms import fields, onward
from meterd.web.login import log_out
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Table, cell
from meterd.web.pages.words import instant
from meterd.web.problems import Problem
from meterd.web.session import take_password
from meterd.web.world import Reader

DONE: Final = {"password": "The password is changed.", "logins": "Every other login has ended."}
PATH: Final = "/account"
MAY: Final = {
    10: "You may do everything.",
    9: "You may see everything, and change meters and bills.",
    8: "You may see everything, and give orders: readings, cutovers, replacements.",
    7: "You may see everything, the configuration and the users as well.",
    5: "You may see everything that is measured and billed.",
    1: "You may see the bills that are granted to you.",
}
"""From which level on somebody may do what; the first that fits."""


def account(seen: Seen, _reader: Reader) -> Sheet:
    """The page."""
    own = seen.accounts.users.get(seen.caller.name)
    session = seen.accounts.sessions.get(seen.caller.session)
    by_password = own is not None and bool(own.password) and bool(session)
    context = {
        "may": next(text for level, text in MAY.items() if seen.caller.level >= level),
        "own": by_password and session is not None and session.via != OIDC,
        "done": DONE.get(seen.asked.get("done", ""), ""),
    }
    return Sheet("account.html", "Account", context, (logins(seen),))


def logins(seen: Seen) -> Table:
    """The logins of whoever asks, newest first."""
    found = [one for one in seen.accounts.sessions.values() if one.user == seen.caller.name]
    rows = [
        (
            cell("this one" if one.sha256 == seen.caller.session else "another"),
            cell(one.via),
            cell(instant(one.created_ms, seen.calendar)),
            cell(instant(one.seen_ms, seen.calendar)),
            cell(instant(one.expires_ms, seen.calendar)),
        )
        for one in sorted(found, key=lambda one: one.created_ms, reverse=True)
    ]
    columns = ("Login", "By", "Since", "Last used", "Ends")
    return Table("logins", "Logins", columns, rows, empty="A proxy says who you are.")


@needs(OWN)
async def change(request: web.Request) -> web.Response:
    """Another password."""
    parameters(request)
    sent = await fields(request, ("old", "new", "again", "username"))
    if sent["new"] != sent["again"]:
        raise Problem(422, "The new password is written in two ways; write it twice alike.")
    await take_password(request, sent["old"], sent["new"])
    return onward(f"{PATH}?done=password")


@needs(OWN)
async def end_others(request: web.Request) -> web.Response:
    """End every login of whoever asks but this one."""
    parameters(request)
    await fields(request, ())
    own = caller_of(request).session
    await log_out(request, lambda session: session.sha256 != own)
    return onward(f"{PATH}?done=logins")


ROUTES: Final = (
    web.get(PATH, page(account, ("done",), OWN)),
    web.post(f"{PATH}/password", change),
    web.post(f"{PATH}/logins", end_others),
)
