"""Functions of elements, random numbers and dropout on a GPU."""
