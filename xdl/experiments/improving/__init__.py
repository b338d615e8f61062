"""Improving networks: part 5 of the checklist."""
