"""Loops of Winograd's convolution."""
