"""SunSpec's models of meters and inverters: where a point is in its model, and what it is. Pure.

Offsets count words from the model's own id word, as the standard's tables do (ID 0, L 1).
Units are the standard's. A scale factor is a point of the same model that holds a power of ten.
Source: the SunSpec Alliance's information models 1, 101 to 103, 111 to 113, 201 to 204 and
211 to 214 (github.com/sunspec/models, Apache-2.0), and its Information Model Specification for
what "not implemented" is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

COMMON: Final = 1
"""The model that says who the device is; it stands before those it belongs to."""
METERS: Final = (201, 202, 203, 204, 211, 212, 213, 214)
INVERTERS: Final = (101, 102, 103, 111, 112, 113)
BASES: Final = (40_000, 50_000, 0)
"""Where a map may begin, in the order in which it is looked for."""
MODELS_MAX: Final = 100
"""A map with more is none."""


class SunSpecConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which model of a device is a meter. base: where its map begins, if not where the standard
    says. instance: of several models, the first, second... models: the ids it may have.
    """

    base: Annotated[int, Meta(ge=0, le=65_531)] | None = None
    instance: Annotated[int, Meta(ge=1, le=50)] | None = None
    models: tuple[Annotated[int, Meta(ge=1, le=65_534)], ...] | None = None

    def over(self, below: SunSpecConfig) -> SunSpecConfig:
        """This over a profile's, key by key."""
        mine = {key: getattr(self, key) for key in self.__struct_fields__}
        said = {key: value for key, value in mine.items() if value is not None}
        return msgspec.structs.replace(below, **said)


class Kind(NamedTuple):
    """A type of the standard: as a Modbus type, its words, and what means "not implemented"."""

    type: str
    words: int
    invalid: tuple[int, ...] = ()


KINDS: Final = {
    "int16": Kind("int16", 1, (0x8000,)),
    "uint16": Kind("uint16", 1, (0xFFFF,)),
    "sunssf": Kind("int16", 1, (0x8000,)),
    "acc32": Kind("uint32", 2, (0, 0xFFFFFFFF)),  # 0 by the standard; all ones by some devices
    "float32": Kind("float32", 2),  # NaN
    "string": Kind("string", 16),
}
ACC32_MODULUS: Final = 2**32


class ModelPoint(NamedTuple):
    """A point of a model. kind: a key of KINDS. scale: the name of its scale factor, "" for none.
    words: it takes.
    """

    offset: int
    kind: str
    unit: str = ""
    scale: str = ""
    words: int = 1


Layout = Mapping[str, ModelPoint]


def _run(first: int, names: str, like: ModelPoint) -> Iterator[tuple[str, ModelPoint]]:
    """Points of one kind, one after the other."""
    for number, name in enumerate(names.split()):
        yield name, like._replace(offset=first + number * like.words)


def _phases(name: str, joint: str = "ph") -> str:
    return " ".join([name, *(f"{name}{joint}{phase}" for phase in "ABC")])


def _floats(first: int, names: str, unit: str) -> Iterator[tuple[str, ModelPoint]]:
    return _run(first, names, ModelPoint(0, "float32", unit, "", 2))


class _Scaled(NamedTuple):
    """Integers that share a scale factor. factor: its name, and where it is."""

    kind: str
    unit: str
    factor: tuple[str, int]

    def at(self, first: int, names: str) -> Iterator[tuple[str, ModelPoint]]:
        name, offset = self.factor
        words = KINDS[self.kind].words
        yield from _run(first, names, ModelPoint(0, self.kind, self.unit, name, words))
        yield name, ModelPoint(offset, "sunssf")


_LINES: Final = "PPVphAB PPVphBC PPVphCA"
_INT_METER: Final[Layout] = dict(
    (
        *_Scaled("int16", "A", ("A_SF", 6)).at(2, _phases("A")),
        *_Scaled("int16", "V", ("V_SF", 15)).at(7, f"{_phases('PhV')} PPV {_LINES}"),
        *_Scaled("int16", "Hz", ("Hz_SF", 17)).at(16, "Hz"),
        *_Scaled("int16", "W", ("W_SF", 22)).at(18, _phases("W")),
        *_Scaled("int16", "VA", ("VA_SF", 27)).at(23, _phases("VA")),
        *_Scaled("int16", "var", ("VAR_SF", 32)).at(28, _phases("VAR")),
        *_Scaled("int16", "%", ("PF_SF", 37)).at(33, _phases("PF")),
        *_Scaled("acc32", "Wh", ("TotWh_SF", 54)).at(38, _phases("TotWhExp", "Ph")),
        *_Scaled("acc32", "Wh", ("TotWh_SF", 54)).at(46, _phases("TotWhImp", "Ph")),
        *_Scaled("acc32", "VAh", ("TotVAh_SF", 71)).at(55, _phases("TotVAhExp", "Ph")),
        *_Scaled("acc32", "VAh", ("TotVAh_SF", 71)).at(63, _phases("TotVAhImp", "Ph")),
        *_Scaled("acc32", "varh", ("TotVArh_SF", 104)).at(72, _phases("TotVArhImpQ1", "Ph")),
        *_Scaled("acc32", "varh", ("TotVArh_SF", 104)).at(80, _phases("TotVArhImpQ2", "Ph")),
        *_Scaled("acc32", "varh", ("TotVArh_SF", 104)).at(88, _phases("TotVArhExpQ3", "Ph")),
        *_Scaled("acc32", "varh", ("TotVArh_SF", 104)).at(96, _phases("TotVArhExpQ4", "Ph")),
    )
)
_FLOAT_METER: Final[Layout] = dict(
    (
        *_floats(2, _phases("A"), "A"),
        *_floats(10, f"{_phases('PhV')} PPV {_LINES}", "V"),
        *_floats(26, "Hz", "Hz"),
        *_floats(28, _phases("W"), "W"),
        *_floats(36, _phases("VA"), "VA"),
        *_floats(44, _phases("VAR"), "var"),
        *_floats(52, _phases("PF"), "ratio"),
        *_floats(60, f"{_phases('TotWhExp', 'Ph')} {_phases('TotWhImp', 'Ph')}", "Wh"),
        *_floats(76, f"{_phases('TotVAhExp', 'Ph')} {_phases('TotVAhImp', 'Ph')}", "VAh"),
        *_floats(92, f"{_phases('TotVArhImpQ1', 'Ph')} {_phases('TotVArhImpQ2', 'Ph')}", "varh"),
        *_floats(108, f"{_phases('TotVArhExpQ3', 'Ph')} {_phases('TotVArhExpQ4', 'Ph')}", "varh"),
    )
)
_VOLTS: Final = f"{_LINES} PhVphA PhVphB PhVphC"
_INT_INVERTER: Final[Layout] = dict(
    (
        *_Scaled("uint16", "A", ("A_SF", 6)).at(2, _phases("A")),
        *_Scaled("uint16", "V", ("V_SF", 13)).at(7, _VOLTS),
        *_Scaled("int16", "W", ("W_SF", 15)).at(14, "W"),
        *_Scaled("uint16", "Hz", ("Hz_SF", 17)).at(16, "Hz"),
        *_Scaled("int16", "VA", ("VA_SF", 19)).at(18, "VA"),
        *_Scaled("int16", "var", ("VAr_SF", 21)).at(20, "VAr"),
        *_Scaled("int16", "%", ("PF_SF", 23)).at(22, "PF"),
        *_Scaled("acc32", "Wh", ("WH_SF", 26)).at(24, "WH"),
    )
)
_FLOAT_INVERTER: Final[Layout] = dict(
    (
        *_floats(2, _phases("A"), "A"),
        *_floats(10, _VOLTS, "V"),
        *_floats(22, "W", "W"),
        *_floats(24, "Hz", "Hz"),
        *_floats(26, "VA", "VA"),
        *_floats(28, "VAr", "var"),
        *_floats(30, "PF", "%"),
        *_floats(32, "WH", "Wh"),
    )
)
LAYOUTS: Final[dict[int, Layout]] = {
    **dict.fromkeys((201, 202, 203, 204), _INT_METER),
    **dict.fromkeys((211, 212, 213, 214), _FLOAT_METER),
    **dict.fromkeys((101, 102, 103), _INT_INVERTER),
    **dict.fromkeys((111, 112, 113), _FLOAT_INVERTER),
}
"""The models that measure."""
COMMON_LAYOUT: Final[Layout] = {
    "Mn": ModelPoint(2, "string", words=16),
    "Md": ModelPoint(18, "string", words=16),
    "Opt": ModelPoint(34, "string", words=8),
    "Vr": ModelPoint(42, "string", words=8),
    "SN": ModelPoint(50, "string", words=16),
}
"""What a device says of itself."""
LENGTHS: Final = {
    COMMON: 66,
    **dict.fromkeys((201, 202, 203, 204), 105),
    **dict.fromkeys((211, 212, 213, 214), 124),
    **dict.fromkeys((101, 102, 103), 50),
    **dict.fromkeys((111, 112, 113), 60),
}
"""Words of a model after its id and its length."""
UNITS_OF: Final[dict[str, str]] = {
    name: point.unit
    for layout in (*LAYOUTS.values(), COMMON_LAYOUT)
    for name, point in layout.items()
    if point.kind != "sunssf"
}
"""Name of a point -> its unit in the standard, "" for texts."""


def is_text(name: str | None) -> bool:
    """Whether a point of this name is no number."""
    return name in COMMON_LAYOUT
