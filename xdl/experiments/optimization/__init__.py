"""Optimization: part 2 of the checklist."""
