"""What was committed, as the JSON that the commands and HTTP show (contract section 6).

Pure, and the only place where a row gets its public names. Amounts and money are decimal
strings; the seeds' own objects (POWERMETER, records) carry JSON numbers. What is not known is
None, never 0. Ids are printed 10-8-8.
"""

from meterd.shapes.accounts import grant, role, user
from meterd.shapes.lists import (
    adjustment,
    bill,
    closed_period,
    event,
    interval,
    record,
    sample,
)
from meterd.shapes.meters import (
    definition,
    entity,
    meter,
    meter_row,
    object_id,
    other_totals,
    powermeter,
    unit_of,
)
from meterd.shapes.tokens import token
from meterd.shapes.whole import alarm_rows, alarms, whole

__all__ = [
    "adjustment",
    "alarm_rows",
    "alarms",
    "bill",
    "closed_period",
    "definition",
    "entity",
    "event",
    "grant",
    "interval",
    "meter",
    "meter_row",
    "object_id",
    "other_totals",
    "powermeter",
    "record",
    "role",
    "sample",
    "token",
    "unit_of",
    "user",
    "whole",
]
