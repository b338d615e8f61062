"""Loops of optimizers and of clipping."""
