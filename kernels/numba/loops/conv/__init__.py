"""Loops of convolutions."""
