"""Regression and the first classifiers: part 3 of the checklist."""
