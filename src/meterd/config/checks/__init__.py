"""What the shape of a file cannot say: references, units, ranges that depend on each other.

One module for each part of the file; each function takes what was read and the report.
"""
