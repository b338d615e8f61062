"""Mathematics: part 1 of the checklist."""
