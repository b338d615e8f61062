"""Getting published data sets: where they lie, where they come from, and checking them."""
