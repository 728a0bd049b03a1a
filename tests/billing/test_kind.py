"""A bill type is one file, found by its name."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.billing.site import spec

from meterd.billing import types
from meterd.billing.kind import bill_type, names
from meterd.metering.demand import Peak

FILES = {path.stem for path in Path(str(types.__file__)).parent.glob("*.py")} - {"__init__"}


def test_every_file_in_the_folder_is_a_type() -> None:
    assert set(names()) == FILES == {"energy", "demand"}


@pytest.mark.parametrize("name", names())
def test_every_type_has_what_is_asked_of_one(name: str) -> None:
    kind = bill_type(name)
    used = kind.used(3_600_000, Peak(0, 900_000, 900_000))
    assert used == 1
    assert kind.projected(used, Fraction(1)) == used
    assert kind.unit(spec(type=name, allowance=Decimal(1))) in {"kWh", "kW"}
