"""Templates to markup. The only file that knows Jinja."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from meterd.web.pages import words
from meterd.web.static import address
from meterd.web.tongues import say

_PAGES: Final = Environment(
    loader=PackageLoader("meterd.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def told(names: Sequence[str]) -> str:
    """What each of these is called, for the script."""
    return msgspec.json.encode({name: say(name) for name in names}).decode()


def markup(template: str, context: Mapping[str, Any]) -> bytes:
    """A page. Everything that is not ours is escaped; a name that is missing is an error."""
    return _PAGES.get_template(template).render(context).encode()


_PAGES.globals |= {"static": address, "words": words, "say": say, "told": told}
