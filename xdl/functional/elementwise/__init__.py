"""Functions of each element: arithmetic, mathematics, activations, dropout."""
