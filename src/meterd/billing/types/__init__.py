"""Bill types (seed 003): one module each; its name is the configuration's `type:`."""
