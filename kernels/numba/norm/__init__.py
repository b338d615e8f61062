"""Normalization of channels, compiled."""
