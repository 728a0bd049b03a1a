"""The tests. A package only because a dependency installs one of the same name (gmqtt 0.8)."""
