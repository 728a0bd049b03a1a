"""The file as the checks see it: what was read, the report, and who is called what."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from meterd.config.connections import Connection
from meterd.config.expressions import known
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.report import Report
from meterd.config.yaml import Mapping, Scalar, Sequence
from meterd.metering.operands import Catalogue


class Survey:
    """A configuration, profiles applied, with its report and its names."""

    def __init__(self, config: Config, report: Report) -> None:
        self.config = config
        self.report = report

    @cached_property
    def meters(self) -> dict[str, int]:
        """Name -> index of every meter."""
        return {meter.name: index for index, meter in enumerate(self.config.meters)}

    @cached_property
    def known(self) -> Catalogue:
        """What expressions may name: the quantities of every meter without mistakes."""
        return known(meter for name in self.meters if (meter := self.sound_meter(name)))

    @cached_property
    def meter_names(self) -> frozenset[str]:
        """Every meter that is named, those with mistakes too."""
        return self._names("meters", self.meters)

    @cached_property
    def connection_names(self) -> frozenset[str]:
        """Every connection that is named, those with mistakes too."""
        return self._names("connections", self.config.connections)

    @cached_property
    def meter_type_names(self) -> frozenset[str]:
        """Every meter type that is named, those with mistakes too."""
        return self._names("meter_types", self.config.meter_types)

    @cached_property
    def tariff_names(self) -> frozenset[str]:
        """Every tariff that is named, those with mistakes too."""
        return self._names("tariffs", self.config.tariffs)

    def sound_meter(self, name: str) -> MeterConfig | None:
        """A meter that is there and of which it is known what it reads."""
        index = self.meters.get(name)
        if index is None:
            return None
        unknown = (self.report.broken("meters", index, key) for key in ("points", "profile"))
        return None if any(unknown) else self.config.meters[index]

    def stands_in(self, value: str, *path: str | int) -> bool:
        """Whether a required text at a path is only a stand-in for one with a mistake."""
        return value == "" and self.report.broken(*path[:-1])

    def link(self, meter: MeterConfig) -> Connection | None:
        """The connection a meter is read over, if it has one and it is sound."""
        return self.config.connections.get(meter.connection or "")

    def check_unique(self, section: str, found: Iterable[str]) -> None:
        """No name twice in a list."""
        first: dict[str, int] = {}
        for index, name in enumerate(found):
            if name and first.setdefault(name, index) != index:
                line, _column = self.report.position((section, first[name], "name"))
                message = f'"{name}" is the name of another one, in line {line}'
                self.report.error((section, index, "name"), message, "Names are unique.")

    def _names(self, section: str, read: Iterable[str]) -> frozenset[str]:
        """Also the names of entries with mistakes: to refer to one is no second mistake."""
        root = self.report.root
        node = root.entries.get(section) if isinstance(root, Mapping) else None
        written = set(node.entries) if isinstance(node, Mapping) else set()
        for item in node.items if isinstance(node, Sequence) else ():
            name = item.entries.get("name") if isinstance(item, Mapping) else None
            if isinstance(name, Scalar):
                written.add(str(name.value))
        return frozenset({*written, *read} - {""})
