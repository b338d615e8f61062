"""Experiments on the data sets themselves."""
