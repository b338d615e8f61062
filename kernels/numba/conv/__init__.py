"""Convolutions, compiled."""
