"""The POWERMETER definition: seed 000's fields, and what a site makes of them."""

from __future__ import annotations

from meterd.config.definitions import DefinitionConfig, FieldConfig, RetypeConfig
from meterd.config.fields import PANELS, SHIPPED, fields_of, snake
from meterd.metering.powermeter import CONSUMPTION, READINGS
from meterd.shapes.meters import FIELDS

SEED_000 = {
    "General": """
        name text! | meterName text | meterPoint enum! 14 | status enum! 5 | description lines |
        building BUILDING | floor FLOOR | room ROOM | rack RACK | panelBoardRef text |
        feedPath enum 4 | manufacturer VEN | model text | serialNumber text | meterType enum 5 |
        accuracyClass enum 5 | ctRatio text | ptRatio text | protocol enum 8 | ipAddress text""",
    "Readings": """
        currentKw number | currentKva number | currentAmps number | voltage number |
        powerFactor number | frequency number | loadPercent number | lastReadingTime datetime |
        ampsPhaseA number | ampsPhaseB number | ampsPhaseC number | voltagePhaseA number |
        voltagePhaseB number | voltagePhaseC number | phaseImbalance number |
        neutralCurrent number""",
    "Consumption": """
        kwhToday number | kwhYesterday number | kwhThisMonth number | kwhLastMonth number |
        kwhThisYear number | kwhLastYear number | kwhLifetime number | peakDemandKw number |
        peakDemandDate datetime | peakDemandKwMonth number | averageDemandKw number |
        costPerKwh number | costThisMonth number | costLastMonth number | costThisYear number |
        currency CURRENCY""",
    "Thresholds": """
        ratedCapacityKw number | ratedCapacityAmps number | warningThresholdPercent number |
        criticalThresholdPercent number | voltageHighThreshold number |
        voltageLowThreshold number | powerFactorMinThreshold number |
        phaseImbalanceMaxPercent number""",
    "Maintenance": """
        installDate date | lastCalibrationDate date | nextCalibrationDate date |
        calibrationIntervalMonths number | calibrationCertificate text |
        lastVerificationDate date | verificationResult enum 4 | notes lines""",
}


def told(code: str) -> str:
    """A field as the table above has it."""
    field = SHIPPED[code]
    kind = "lines" if field.multiline else field.target or field.type
    count = f" {len(field.options)}" if field.options else ""
    return f"{field.code} {kind}{'!' if field.required else ''}{count}"


def test_the_definition_that_is_shipped_is_seed_000s() -> None:
    for panel, fields in SEED_000.items():
        rows = [row.strip() for row in fields.split("|")]
        assert [told(f.code) for f in SHIPPED.values() if f.panel == panel] == rows
    assert tuple(SEED_000) == PANELS
    assert list(SHIPPED) == list(FIELDS)


def test_what_is_measured_is_read_only_and_nothing_else() -> None:
    readonly = {field.code for field in SHIPPED.values() if field.readonly}
    assert readonly == {*READINGS, *CONSUMPTION}


def test_every_field_has_a_label_that_says_more_than_its_code() -> None:
    labels = {field.label for field in SHIPPED.values()}
    assert len(labels) == len(SHIPPED)
    assert not labels & SHIPPED.keys()
    assert SHIPPED["ratedCapacityAmps"].label == "Rated Capacity (A)"


def test_a_fields_key_in_the_file_is_its_name_in_snake_case() -> None:
    assert snake("powerFactorMinThreshold") == "power_factor_min_threshold"
    assert snake("name") == "name"


CHANGES = DefinitionConfig(
    add={
        "tenant": FieldConfig(label="Tenant", required=True),
        "phases": FieldConfig(type="number", panel="Readings"),
        "tier": FieldConfig(type="enum", options=("Gold", "Silver")),
        "feeder": FieldConfig(type="reference", to="METER"),
    },
    remove=("rack",),
    rename={"meterName": "displayName", "tenant": "customer"},
    retype={"serialNumber": "number", "room": RetypeConfig("enum", ("A", "B"))},
    require=("serialNumber",),
    optional=("meterPoint",),
)


def test_a_site_changes_its_definition() -> None:
    fields = {field.code: field for field in fields_of(CHANGES)}
    assert "rack" not in fields
    assert "meterName" not in fields
    assert (fields["displayName"].source, fields["displayName"].label) == (
        "meterName",
        "Meter Name",
    )
    assert (fields["serialNumber"].type, fields["serialNumber"].was) == ("number", "text")
    assert (fields["room"].type, fields["room"].options) == ("enum", ("A", "B"))
    assert (fields["room"].target, fields["room"].was) == ("", "reference")
    assert fields["serialNumber"].required
    assert not fields["meterPoint"].required
    assert fields["status"].required


def test_fields_of_a_sites_own_come_last_in_their_panels() -> None:
    fields = fields_of(CHANGES)
    general = [field.code for field in fields if field.panel == "General"]
    assert general[-4:] == ["ipAddress", "customer", "tier", "feeder"]
    assert [field.panel for field in fields] == sorted(
        (field.panel for field in fields), key=PANELS.index
    )
    by_code = {field.code: field for field in fields}
    own = by_code["customer"]
    assert (own.source, own.label, own.added, own.required) == ("tenant", "Tenant", True, True)
    assert by_code["phases"].label == "phases"
    assert by_code["feeder"].target == "METER"


def test_without_changes_it_is_the_shipped_one() -> None:
    assert fields_of(DefinitionConfig()) == tuple(SHIPPED.values())
