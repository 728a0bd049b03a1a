"""From the file to the topics that meters publish on."""

from __future__ import annotations

from pathlib import Path

from tests.config.written import SITE, sound

from meterd.config.inbound import inbound
from meterd.shapes.messages import Wanted

TEXT = (
    SITE
    + """
mqtt: {url: mqtt://127.0.0.1}
connections: {api: {protocol: push}, clip: {protocol: manual}}
meters:
  - name: plug
    connection: api
    points:
      energy_import: {topic: tele/plug, field: ENERGY.Total}
      active_power: {topic: tele/plug, field: ENERGY.Power, unit: W}
      voltage: {topic: plug/voltage}
      current: {}
  - {name: other, connection: api, points: {temperature: {topic: tele/plug, field: t}}}
  - {name: later, connection: api, status: planned, points: {current: {topic: x}}}
  - {name: read, connection: clip, points: {volume: {max_per_hour: 1}}}
"""
)


def test_every_topic_has_what_its_messages_hold(tmp_path: Path) -> None:
    assert inbound(sound(tmp_path, TEXT)) == {
        "tele/plug": (
            Wanted("plug", "energy_import", ("ENERGY", "Total")),
            Wanted("plug", "active_power", ("ENERGY", "Power")),
            Wanted("other", "temperature", ("t",)),
        ),
        "plug/voltage": (Wanted("plug", "voltage"),),
    }
