"""The web pages: one module per page, each a pure function from what is known to a sheet."""
