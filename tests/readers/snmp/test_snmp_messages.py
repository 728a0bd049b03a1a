"""Messages of version 1 and 2c: what makes an answer ours."""

from __future__ import annotations

import pytest

from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError
from meterd.readers.snmp.messages import Community, ForeignError, version_of

BODY = pdus.pdu(pdus.RESPONSE, 5, pdus.saying(()))


def test_what_is_sealed_can_be_opened_by_the_same_and_nobody_else() -> None:
    message = Community("2c", "public").seal(BODY, 0)
    assert Community("2c", "public").open(message, 0).request_id == 5
    assert Community("2c", "public").kind(message) == pdus.RESPONSE
    assert version_of(message) == 1
    for other, reason in (
        (Community("1", "public"), "version"),
        (Community("2c", "p"), "community"),
    ):
        with pytest.raises(ForeignError, match=reason):
            other.open(message, 0)
    with pytest.raises(BerError, match="follows"):
        Community("2c", "public").open(message + b"\0", 0)
