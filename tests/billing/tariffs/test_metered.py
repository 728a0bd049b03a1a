"""What is stored of a period's tariff with the closed period can be read and priced again."""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from tests.billing.tariffs.written import metered, part, past, used

from meterd.billing.tariffs.metered import Reach, fraction, metered_of


def test_what_is_stored_is_what_was_priced() -> None:
    reaches = (Reach(Fraction(1, 3), Fraction(14, 31)), Reach(None, Fraction(1)))
    seen = metered(
        part(used("1", price=Decimal("-0.01")), reaches=reaches, share=Fraction(2, 7)),
        kw=Fraction(5, 3),
        past=(past(5, "1.50", demand="1/3"),),
    )
    text = msgspec.json.Encoder(enc_hook=str, decimal_format="string").encode(seen)
    assert metered_of(msgspec.json.decode(text)) == seen


def test_a_fraction_that_is_none_is_no_number() -> None:
    assert fraction(Fraction, "1/3") == Fraction(1, 3)
    with pytest.raises(ValueError, match="1/0 is no number"):
        fraction(Fraction, "1/0")
