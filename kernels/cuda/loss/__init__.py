"""Losses on a GPU."""
