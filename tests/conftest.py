"""How many random lives a law is tried on: few by default, many with METERD_LAWS=long.

Where CI is set the lives are the same on every run, so that a red build means a change.
"""

import os

from hypothesis import settings

settings.register_profile(
    "quick", max_examples=50, deadline=None, derandomize=bool(os.environ.get("CI"))
)
settings.register_profile("long", max_examples=3000, deadline=None)
settings.load_profile("long" if os.environ.get("METERD_LAWS") == "long" else "quick")
