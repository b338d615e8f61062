"""What families of kernels have in common: memory that is used again, the order of an array's memory, notes."""
