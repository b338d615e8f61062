"""Experiments on language: what the next character of a text is, from counts to transformers, on one axis."""
