"""HTTP: what has been committed, to read, and the operator's orders. Pages come later."""
