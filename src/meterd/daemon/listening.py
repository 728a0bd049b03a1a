"""Who may be connected by HTTP, and what is said of those who speak something else.

A crowd may take all the connections there are for it, but never the last descriptors: those are
for devices, brokers and the store. And whoever sends what is no HTTP is answered, and not told
in the log: anybody could fill it, and what was sent may be a cookie or a token.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from ssl import SSLContext
from typing import Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

log = structlog.get_logger()

CONNECTIONS_MAX: Final = 512
"""All viewers twice over; and never more than half of what may be open."""
IDLE_S: Final = 75
"""So long a connection may take for the next request, or for the head of its first one."""


class Listening:
    """One port. refused: connections that were too many."""

    def __init__(self, runner: web.AppRunner) -> None:
        self.refused = 0
        self._runner = runner
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: SSLContext | None) -> None:
        """Listen. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._protocol, host or None, port, ssl=tls, backlog=128
        )

    def close(self) -> None:
        """Take nobody in any more; who is in is the runner's."""
        if self._server is not None:
            self._server.close()

    def _protocol(self) -> asyncio.Protocol:
        server = self._runner.server
        assert server is not None, "the runner is set up"
        if len(server.connections) < _most():
            return server()
        self.refused += 1
        return _Refused()


def _most() -> int:
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(CONNECTIONS_MAX, files // 2)


class _Refused(asyncio.Protocol):
    """Hung up on at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "of a stream"
        transport.abort()


class _Strays(logging.Handler):
    """What the server says of requests that never came to a handler of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | web.RequestPayloadError):
            log.error("HTTP failed.", error=type(error).__name__, at=str(record.msg))


def strays() -> logging.Logger:
    """The server's own log."""
    found = logging.getLogger("meterd.http")
    found.propagate, found.handlers = False, [_Strays()]
    return found
