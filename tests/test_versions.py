"""Which releases are installed."""

from importlib import metadata

from meterd.versions import installed


def test_a_release_is_the_installed_one_and_is_looked_up_once() -> None:
    assert installed("tzdata") == metadata.version("tzdata")
    before = installed.cache_info().misses
    installed("tzdata")
    assert installed.cache_info().misses == before
