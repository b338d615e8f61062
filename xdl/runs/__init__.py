"""Runs: an experiment with its settings, folder, seed and data; knows no experiment by name."""
