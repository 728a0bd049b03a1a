"""What another system has measured, as files have it, and what of it is taken."""
