"""What graphs of a bill are drawn from, as JSON: bars, burn-up, the hours of a day."""

from meterd.shapes.series.views import Sight, UnknownViewError, expect_view, series

__all__ = ["Sight", "UnknownViewError", "expect_view", "series"]
