"""Products of matrices of any size, from the panels of columns down to the vectors."""
