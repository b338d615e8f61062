"""What `Module` is made of: hooks, the loading of states, operations counted, the summary, layers of one function."""
