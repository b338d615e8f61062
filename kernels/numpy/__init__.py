"""Faster versions of operations for NumPy."""
