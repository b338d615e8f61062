"""Datasets that are read from their beginning to their end, and what worker threads know of themselves."""
