"""Whether operations are recorded on the tape: the switches, and how one holds for a function's body."""
