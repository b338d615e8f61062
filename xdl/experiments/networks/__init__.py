"""Fully connected networks: part 4 of the checklist."""
