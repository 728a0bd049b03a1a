"""Sums for the audit: what the rows themselves add up to, to be held against the states.

Each reads a whole table, in integers; take several of them inside one `Reader.snapshot`.
"""

from __future__ import annotations

from meterd.orders import HISTORY_IMPORTED
from meterd.stores.queries import Reader


def booked(reader: Reader) -> dict[tuple[str, str, str], int]:
    """(meter, quantity, method) -> the amounts of all its own intervals."""
    return _sums(reader, "<>")


def imported(reader: Reader) -> dict[tuple[str, str, str], int]:
    """The same of what other systems have measured."""
    return _sums(reader, "=")


def _sums(reader: Reader, relation: str) -> dict[tuple[str, str, str], int]:
    found = reader.rows(
        "WITH sums AS (SELECT series, sum(amount) AS amount FROM intervals "
        f"WHERE event {relation} ? GROUP BY series) "
        "SELECT meter, quantity, method, sum(amount) FROM sums "
        "JOIN series ON series.id = sums.series GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (HISTORY_IMPORTED,),
    )
    return {(meter, quantity, method): amount for meter, quantity, method, amount in found}


def recorded(reader: Reader) -> dict[str, int]:
    """Configuration -> the usage of all its records, those pruned included."""
    found = reader.rows(
        "SELECT configuration, sum(usage_amount) FROM ("
        "SELECT configuration, usage_amount FROM meter_records UNION ALL "
        "SELECT configuration, usage_amount FROM pruned_records) both_kinds GROUP BY 1 ORDER BY 1"
    )
    return dict(found)
