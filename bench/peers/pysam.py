"""NREL PySAM's bill of a year: 35,040 joules on standard input, CPU seconds and total out.

It runs in an interpreter of its own, which has NREL-PySAM; nothing of ours is imported.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any

WINTER = [[1] * 24] * 12
SUMMER = [1] * 14 + [2] * 6 + [1] * 4
WEEKDAY = [SUMMER if 5 <= month <= 8 else [1] * 24 for month in range(12)]
NO_END = 1e38


def model(kilowatts: list[float]) -> Any:
    made: Any = import_module("PySAM.Utilityrate5").new()
    settings = {
        "system_use_lifetime_output": 0,
        "analysis_period": 1,
        "gen": [0.0] * len(kilowatts),
        "load": kilowatts,
        "degradation": [0],
        "inflation_rate": 0,
        "rate_escalation": [0],
        "ur_metering_option": 0,
        "ur_monthly_fixed_charge": 85,
        "ur_ec_sched_weekday": WEEKDAY,
        "ur_ec_sched_weekend": WINTER,
        "ur_ec_tou_mat": [[1, 1, NO_END, 0, 0.0984, 0], [2, 1, NO_END, 0, 0.2391, 0]],
        "ur_dc_enable": 1,
        "ur_dc_flat_mat": [[month, 1, NO_END, 9.85] for month in range(12)],
        "ur_dc_sched_weekday": WEEKDAY,
        "ur_dc_sched_weekend": WINTER,
        "ur_dc_tou_mat": [[1, 1, NO_END, 0], [2, 1, NO_END, 4.20]],
        "ur_enable_billing_demand": 1,
        "ur_billing_demand_minimum": 0,
        "ur_billing_demand_lookback_period": 11,
        "ur_billing_demand_lookback_percentages": [[80, 1]] * 12,
        "ur_dc_billing_demand_periods": [[1, 1], [2, 0]],
        "ur_yearzero_usage_peaks": [0.0] * 12,
    }
    for name, value in settings.items():
        made.value(name, value)
    return made


def main() -> None:
    kilowatts = [int(line) / 900_000 for line in sys.stdin]
    seconds = []
    for _turn in range(3):
        made = model(kilowatts)
        began = time.process_time()
        made.execute(0)
        seconds.append(time.process_time() - began)
    print(min(seconds), made.value("utility_bill_wo_sys")[1])


if __name__ == "__main__":
    main()
