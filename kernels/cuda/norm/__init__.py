"""Normalization on a GPU."""
