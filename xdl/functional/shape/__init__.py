"""Functions that rearrange elements."""
