"""Sums, softmax and losses over rows on a GPU."""
