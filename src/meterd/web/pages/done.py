"""What a page says after a form was obeyed: a word in its address, and the sentence for it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from meterd.web.forms import onward
from meterd.web.tongues import say

DONE: Final = {
    "bill": say("The bill is made; its first sample follows within an interval."),
    "source": say("The source is added."),
    "enabled": say("The source is enabled."),
    "disabled": say("The source is disabled; what it has used stays billed."),
    "removed": say("The source is taken off; what it has used stays billed."),
    "meter": say("The meter is made, and is read from now on."),
    "taken": say("The reading is taken."),
    "duplicate": say("The reading was there already; it books nothing."),
    "late": say("The reading is older than the newest one; it books nothing now."),
    "refused": say("The reading is not taken; the events say why."),
    "replaced": say("The device counts as replaced."),
    "acknowledged": say("The alarms are acknowledged; each stands until its condition is over."),
    "ordered": say("The order is given; it takes effect with the next reading."),
}
"""In English here; a page says them in its own tongue."""


def done(path: str, name: str, word: str) -> web.Response:
    """Look there now, where `word` is told. name: of what the path ends with, "" for nothing."""
    return onward(f"{path}{quote(name, safe='')}?done={word}")
