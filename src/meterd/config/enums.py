"""Seed 000's enumerations: the words of the file, and the numbers and labels of the API.

The number of a word is its place, from 1; the labels stand in the same order.
Source: seed 000, Power Meter, valid ids.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

MeterPoint = Literal[
    "utility_entrance", "main_switchgear", "ats", "generator_output", "ups_input",
    "ups_output", "floor_distribution_board", "room_panel_board", "rack_pdu",
    "branch_circuit", "it_load", "mechanical_load", "lighting_load", "virtual",
]  # fmt: skip
Status = Literal["active", "planned", "offline", "fault", "decommissioned"]
FeedPath = Literal["a", "b", "c", "combined"]
MeterType = Literal["revenue_grade", "monitoring_grade", "inline_pdu", "ct_clamp", "virtual"]
AccuracyClass = Literal["0.2S", "0.5S", "1.0", "2.0", "unknown"]
TransformerClass = Literal["0.1", "0.2S", "0.2", "0.5S", "0.5", "1.0", "3.0"]
"""Of current and voltage transformers (IEC 61869-2); ours, no field of the seed."""
VerificationResult = Literal["pass", "marginal", "fail", "not_tested"]
Protocol = Literal[
    "modbus_tcp", "modbus_rtu", "bacnet", "snmp", "pulse", "analog", "push", "manual"
]

StatedProtocol = Literal[Protocol, "virtual"]
"""What a meter itself may say: a virtual one has no protocol and yet says so."""

_ENUMS: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "meter_point": (
        MeterPoint,
        (
            "Utility Entrance", "Main Switchgear", "ATS / Transfer Switch", "Generator Output",
            "UPS Input", "UPS Output", "Floor Distribution Board", "Room Panel Board / RPP",
            "Rack PDU", "Branch Circuit", "IT Load", "Mechanical / Cooling Load",
            "Lighting Load", "Virtual / Calculated",
        ),
    ),
    "status": (Status, ("Active", "Planned", "Offline", "Fault", "Decommissioned")),
    "feed_path": (
        FeedPath,
        ("A Feed (Utility)", "B Feed (UPS/Generator)", "C Feed", "Combined / Total"),
    ),
    "meter_type": (
        MeterType,
        ("Revenue Grade", "Monitoring Grade", "Inline PDU", "CT Clamp", "Virtual / Calculated"),
    ),
    "accuracy_class": (
        AccuracyClass,
        ("Class 0.2S (Revenue)", "Class 0.5S", "Class 1.0", "Class 2.0", "Unknown"),
    ),
    "protocol": (
        Protocol,
        (
            "Modbus TCP", "Modbus RTU", "BACnet", "SNMP", "Pulse Output", "Analog 4-20mA",
            "API / REST", "Manual Read",
        ),
    ),
    "verification_result": (VerificationResult, ("Pass", "Marginal", "Fail", "Not Tested")),
}  # fmt: skip


def is_enum(field: str) -> bool:
    """Whether a field of a meter is one of seed 000's enumerations."""
    return field in _ENUMS


def labels(field: str) -> tuple[str, ...]:
    """The labels of an enumeration, in the order of their numbers."""
    return _ENUMS[field][1]


def words(field: str) -> tuple[str, ...]:
    """The words of an enumeration in the configuration file, in the same order."""
    found: tuple[str, ...] = get_args(_ENUMS[field][0])
    return found


def numbered(field: str, word: str) -> dict[str, int | str]:
    """A word as the API shows it: {"id": 1, "label": "Utility Entrance"}."""
    index = words(field).index(word)
    return {"id": index + 1, "label": labels(field)[index]}
