"""How the daemon logs: JSON lines to standard error, key=value on a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog

PRIORITIES: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""Syslog priorities, as sd-daemon(3) wants them before a line."""


def configure_logging(environ: Mapping[str, str]) -> None:
    """Constant sentences with fields. Under systemd each line carries its priority."""
    level = logging.getLevelNamesMapping().get(environ.get("METERD_LOG", "INFO").upper(), 20)
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    if sys.stderr.isatty():
        shared[-1:] = [structlog.dev.ConsoleRenderer()]
        factory: Any = structlog.PrintLoggerFactory(sys.stderr)
    else:
        shared.append(structlog.processors.JSONRenderer(serializer=_encode))
        if "JOURNAL_STREAM" in environ:
            shared.append(_with_priority)
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=factory,
        cache_logger_on_first_use=False,  # lines are rare, and a test may listen
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")


def _encode(event: Any, **_options: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


def _with_priority(_logger: Any, method: str, line: bytes) -> bytes:
    return b"<%d>%b" % (PRIORITIES.get(method, 6), line)
