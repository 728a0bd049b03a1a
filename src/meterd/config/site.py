"""The site itself: where it is, how it counts, where it keeps and shows things.

site: {name: hq, timezone: Europe/Berlin, currency: EUR, demand: {window: 15m}}
mqtt: {url: mqtt://127.0.0.1:1883, topic: meterd}
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from meterd.config.secret import Secret, SecretUrl
from meterd.config.values import (
    Currency,
    Duration,
    FilePath,
    Name,
    Percent,
    Positive,
    TimeOfDay,
)

OnDecrease = Literal["reconcile", "strict"]


class DemandConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A demand window; how what is left out is inherited is in `demand.py`.

    A step shorter than the window makes it a rolling one.
    """

    window: Duration | None = None
    step: Duration | None = None
    quantity: Literal["kw", "kva"] | None = None


class SiteConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The site. cost_per_kwh: used where neither meter nor tariff says otherwise.

    max_source_kw: believed ceiling of one source unless it says otherwise.
    """

    name: Name
    timezone: str
    currency: Currency = "EUR"
    cost_per_kwh: Decimal | None = None
    max_source_kw: Positive = Decimal(1000)
    on_decrease: OnDecrease = "reconcile"
    demand: DemandConfig = DemandConfig()


class MaintenanceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The nightly maintenance, at a local time."""

    at: TimeOfDay = "03:00"


class HomeAssistantConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Discovery by Home Assistant."""

    prefix: str = "homeassistant"
    birth_topic: str = "homeassistant/status"


class SparkplugConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sparkplug B, as one edge node. node: default the site's name.

    primary_host: a host application without which nothing is told.
    """

    group: str
    node: str | None = None
    primary_host: str | None = None


class MqttConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One broker. url: mqtt://host[:port], or mqtts:// for TLS. topics start <topic>/<site>/.

    allow_plaintext: a password may cross the network without TLS.
    """

    url: SecretUrl
    topic: str = "meterd"
    client_id: str | None = None
    username: str | None = None
    password: Secret | None = None
    ca_file: FilePath | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    allow_plaintext: bool = False
    home_assistant: HomeAssistantConfig | None = None
    sparkplug: SparkplugConfig | None = None


class DemandFlowConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant of DemandFlow whose POWERMETER objects are kept up to date (seed 000).

    sub_id: the subscriber, needed to create objects that are missing (create: true).
    min_interval: between two changes of one object. dead_band_percent: smaller changes of a
    reading are not sent. allow_plaintext: the token may cross the network without TLS.
    """

    url: str
    token: Secret
    sub_id: str = ""
    create: bool = False
    min_interval: Duration = 60_000
    dead_band_percent: Percent = Decimal("0.5")
    ca_file: FilePath | None = None
    allow_plaintext: bool = False
