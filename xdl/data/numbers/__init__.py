"""Numbers and points for generative models: made ones, and those of a file."""
