"""What the books report, measured again: `xdl books`."""
