"""Not here: where only what meterd needs is installed there is no rich, and structlog does without.

It is in the way of every daemon and verb that the system tests start, so that these run as a
user's do, and start sooner.
"""

raise ImportError("rich is no dependency of meterd", name="rich")
