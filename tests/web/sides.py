"""Everybody who may come to the web: by which door, with what in hand, and of what level."""

from __future__ import annotations

from tests.web.house import bearer
from tests.web.people import login

ANYBODY, LOGIN, GRANTED, READ, INSPECT, OPERATE, CHANGE, ADMIN = 0, 0.5, 1, 5, 7, 8, 9, 10


class Side:
    """Who asks: through which door, with what, and what they are. refused: by which status.

    sees: whether the bill is granted, of a level below 5.
    """

    def __init__(
        self, door: str, headers: dict[str, str], level: float, refused: int, *, sees: bool = True
    ) -> None:
        self.door = door
        self.headers = headers
        self.level = level
        self.refused = refused
        self.sees = sees
        self.user = "Cookie" in headers and "X-Meterd-CSRF" in headers
        self.pushes = headers == bearer("meterd_gateway")


NOBODY: dict[str, str] = {}
SIDES = {
    "the operator, on the socket": Side("socket", NOBODY, ADMIN, 403),
    "the host itself": Side("host", NOBODY, INSPECT, 401),
    "the host, with a token to read": Side("host", bearer("meterd_reader"), READ, 403),
    "the host, with a token to write": Side("host", bearer("meterd_writer"), CHANGE, 403),
    "the host, with a token to push": Side("host", bearer("meterd_gateway"), 0, 403),
    "the host, with a token that has expired": Side("host", bearer("meterd_old"), 0, 401),
    "the host, with the login of a tenant": Side("host", login("tom"), GRANTED, 403),
    "a stranger": Side("nowhere", NOBODY, 0, 401),
    "a stranger, with a token to read": Side("nowhere", bearer("meterd_reader"), READ, 403),
    "a stranger, with a token to operate": Side("nowhere", bearer("meterd_operator"), OPERATE, 403),
    "a stranger, with a token to write": Side("nowhere", bearer("meterd_writer"), CHANGE, 403),
    "a stranger, with a token to administer": Side("nowhere", bearer("meterd_admin"), ADMIN, 403),
    "a stranger, with a token to push": Side("nowhere", bearer("meterd_gateway"), 0, 403),
    "a stranger, with a token of nobody": Side("nowhere", bearer("meterd_guess"), 0, 401),
    "a stranger, with a login of nobody": Side("nowhere", login("nobody"), 0, 401),
    "a user of level 1 with no grant": Side("nowhere", login("nina"), 1, 403, sees=False),
    "a user of level 1 with a grant": Side("nowhere", login("tom"), 1, 403),
    "a user of level 1 with a grant to a role": Side("nowhere", login("rita"), 1, 403),
    "a user of level 5": Side("nowhere", login("vera"), 5, 403),
    "a user of level 7": Side("nowhere", login("ines"), 7, 403),
    "a user of level 8": Side("nowhere", login("otto"), 8, 403),
    "a user of level 9": Side("nowhere", login("wanda"), 9, 403),
    "a user of level 10": Side("nowhere", login("anna"), 10, 403),
}
