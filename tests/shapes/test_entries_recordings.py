"""Every recording of a device that pushes: what is sent of it gives the readings expected.

tests/recordings/<make>/<model>.yaml has `pushed` (the body of POST /v1/readings, without the
meter's name) and `expect` (quantity -> decimal in its canonical unit).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.readers.test_modbus_recordings import as_expected
from tests.recorded import recordings

from meterd.config.compile import site_spec
from meterd.config.load import load
from meterd.config.profiles import profile_names, read_profile
from meterd.shapes.entries import reading

KNOWN = recordings("pushed")
CONFIG = """
site: {{name: bench, timezone: Europe/Berlin}}
connections: {{api: {{protocol: push}}}}
meters: [{{name: m1, connection: api, profile: {profile}}}]
"""

NOON_MS = 1_767_268_800_000


@pytest.mark.parametrize(("profile", "recording"), KNOWN.items(), ids=KNOWN.keys())
def test_a_recording(profile: str, recording: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "meterd.yaml"
    file.write_text(CONFIG.format(profile=profile), "utf-8")
    loaded = load(file, {"HOME": str(tmp_path)})
    assert loaded.config is not None, loaded.findings
    (spec,) = site_spec(loaded.config).meters
    taken = reading(spec, recording["pushed"], NOON_MS, "")
    assert {*taken.registers, *taken.gauges} == set(recording["expect"])
    for quantity, expected in recording["expect"].items():
        assert as_expected(taken, quantity, expected, "1e-9"), quantity


def test_every_profile_that_is_pushed_has_a_recording() -> None:
    profiles = {name: read_profile(name, Path())[0] for name in profile_names()}
    ours = {name for name, made in profiles.items() if made and made.protocol == "push"}
    assert ours == set(KNOWN)
