"""Normalization over batches, layers, groups and instances."""
