"""Figures of plain mathematics: arrays as coloured cells, functions of two variables with their gradients."""
