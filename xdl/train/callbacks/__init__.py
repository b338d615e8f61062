"""Callbacks: what is told of every step and epoch of a training."""
