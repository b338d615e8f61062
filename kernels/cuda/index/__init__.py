"""Look-ups and their gradients on a GPU."""
