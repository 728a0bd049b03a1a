"""The agents that the reader polls, and where they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.config.written import SITE, found, sound

from meterd.config.connections import SnmpAuth, TrapsConfig
from meterd.config.links import links
from meterd.config.points import RowConfig
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpLogin, SnmpPoint, snmp_links

TEXT = (
    SITE
    + """
connections:
  pdus: {protocol: snmp, version: 2c, community: public, port: 1161, timeout: 250ms,
         traps: {listen: "0.0.0.0:1162"}}
  ups: {protocol: snmp, version: 3, user: meter, context: bay,
        auth: {protocol: sha256, password: "${env:PASSWORD}"}}
  idle: {protocol: snmp, community: public}
  hall: {protocol: modbus_tcp, host: 10.1.0.20}
meters:
  - name: a
    connection: pdus
    address: 10.1.0.31
    every: 1s
    ct_ratio: "10:1"
    apply_ct_ratio: true
    points:
      energy_import: {oid: .1.3.6.1.4.1.9.3, scale: "0.1", unit: Wh,
                      row: {oid: 1.3.6.1.4.1.9.2, equals: left}}
      temperature: {oid: 1.3.6.1.4.1.9.1.0, offset: -5, invalid: [-1], scale_point: digits}
      digits: {oid: 1.3.6.1.4.1.9.4.0, scale: -1}
  - {name: b, connection: pdus, address: "pdu.lan:161", status: offline, profile: apc/rpdu2}
  - {name: c, connection: pdus, address: 10.1.0.33, status: planned, profile: apc/rpdu2}
  - {name: d, connection: ups, address: "[fe80::1%eth0]:1161", profile: rfc1628/ups}
  - {name: e, connection: hall, address: 1, profile: abb/b23}
"""
)
ENVIRON = {"PASSWORD": "authentic-pass"}


def test_every_connection_has_the_meters_that_are_read(tmp_path: Path) -> None:
    config = sound(tmp_path, TEXT, ENVIRON)
    pdus, ups = snmp_links(config)
    assert [(one.meter, one.host, one.port) for one in pdus.devices] == [
        ("a", "10.1.0.31", 1161), ("b", "pdu.lan", 161),
    ]  # fmt: skip
    assert (ups.devices[0].host, ups.devices[0].port) == ("fe80::1%eth0", 1161)
    assert (pdus.timeout_ms, pdus.traps) == (250, TrapsConfig(listen="0.0.0.0:1162"))
    assert pdus.login == SnmpLogin(community=Secret("public"))
    assert ups.login == SnmpLogin(
        version="3", user="meter", context="bay", auth=SnmpAuth("sha256", Secret("authentic-pass"))
    )
    assert [link.protocol for link in links(config)] == ["modbus_tcp", "snmp", "snmp"]
    assert "authentic" not in repr(ups)
    assert "public" not in repr(pdus)


def test_a_point_is_as_the_file_says(tmp_path: Path) -> None:
    device = snmp_links(sound(tmp_path, TEXT, ENVIRON))[0].devices[0]
    assert device.every_ms == 1000
    assert device.points == (
        SnmpPoint(
            quantity="energy_import",
            oid="1.3.6.1.4.1.9.3",
            row=RowConfig(oid="1.3.6.1.4.1.9.2", equals="left"),
            scale=Decimal(1),
            unit="Wh",
        ),
        SnmpPoint(
            quantity="temperature",
            oid="1.3.6.1.4.1.9.1.0",
            offset=Decimal(-5),
            unit="degC",
            scale_point="digits",
            invalid=(-1,),
        ),
        SnmpPoint(quantity="digits", oid="1.3.6.1.4.1.9.4.0", scale=Decimal(-1)),
    )


WRONG = """
connections:
  one: {protocol: snmp, community: public, traps: {listen: "0.0.0.0:1162"}}
  two: {protocol: snmp, community: public, traps: {listen: "0.0.0.0:1162"}}
  bad: {protocol: snmp, community: public, traps: {listen: everywhere}}
  ups: {protocol: snmp, version: 3, user: u, auth: {protocol: sha, password: ""}}
meters:
  - {name: a, connection: one, address: "10.1.0.31:99999", profile: apc/rpdu2}
  - name: b
    connection: one
    address: 10.1.0.32
    points:
      count: {oid: 9.9.9, row: {oid: name, equals: left}}
"""


def test_what_is_wrong_is_told_at_its_place(tmp_path: Path) -> None:
    told = "\n".join(found(tmp_path, SITE + WRONG))
    for words in (
        "two.traps.listen: 0.0.0.0:1162 is listened on for one too",
        'bad.traps.listen: "everywhere" is no address to listen on',
        "ups.auth.password: it is empty",
        '"10.1.0.31:99999" is no address of an agent',
        'count.oid: "9.9.9" is no numeric OID',
        'count.row.oid: "name" is no numeric OID',
    ):
        assert words in told, told


def test_a_short_password_is_a_warning(tmp_path: Path) -> None:
    text = (
        SITE
        + """
connections:
  ups: {protocol: snmp, version: 3, user: u, auth: {protocol: sha, password: "${env:SHORT}"}}
meters: [{name: a, connection: ups, address: 10.1.0.1, profile: rfc1628/ups}]
"""
    )
    told = found(tmp_path, text, {"SHORT": "seven77"})
    assert any("fewer than 8 characters" in line and line.startswith("warning") for line in told)
    assert "seven77" not in "".join(told)
