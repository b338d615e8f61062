"""Prices: what the experiments with share prices have in common."""
