"""Convolutional networks: part 6 of the checklist."""
