"""A bill of one period as a document, and the ways in which it is written."""
