"""The fork-join of compiled loops, and the rows of numbers by which loops are handed to other threads."""
