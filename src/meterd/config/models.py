"""The whole configuration file. Only `site` and `meters` are required."""

from __future__ import annotations

import msgspec

from meterd.config.bills import BillConfig
from meterd.config.connections import Connection
from meterd.config.definitions import DefinitionsConfig
from meterd.config.http import HttpConfig
from meterd.config.meters import MeterConfig
from meterd.config.places import PlacesConfig
from meterd.config.records import (
    EquipmentConfig,
    LocationConfig,
    MeterTypeConfig,
    RecordConfig,
)
from meterd.config.secret import SecretUrl
from meterd.config.site import (
    DemandFlowConfig,
    MaintenanceConfig,
    MqttConfig,
    SiteConfig,
)
from meterd.config.tariffs import Tariff
from meterd.config.values import Duration


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The configuration of one site.

    sampling: length of an interval. store: default SQLite in the state directory.
    definitions: changes to the POWERMETER definition (seed 000). places: what meters may
    name as building, floor, room and rack.
    """

    site: SiteConfig
    meters: tuple[MeterConfig, ...]
    sampling: Duration = 300_000
    maintenance: MaintenanceConfig = MaintenanceConfig()
    store: SecretUrl | None = None
    http: HttpConfig | None = None
    mqtt: MqttConfig | tuple[MqttConfig, ...] = ()
    demandflow: DemandFlowConfig | None = None
    connections: dict[str, Connection] = {}
    meter_types: dict[str, MeterTypeConfig] = {}
    equipment: dict[str, EquipmentConfig] = {}
    locations: dict[str, LocationConfig] = {}
    places: PlacesConfig = PlacesConfig()
    records: tuple[RecordConfig, ...] = ()
    bills: tuple[BillConfig, ...] = ()
    tariffs: dict[str, Tariff] = {}
    definitions: DefinitionsConfig = DefinitionsConfig()

    @property
    def brokers(self) -> tuple[MqttConfig, ...]:
        """Every MQTT broker, one or several."""
        return self.mqtt if isinstance(self.mqtt, tuple) else (self.mqtt,)
