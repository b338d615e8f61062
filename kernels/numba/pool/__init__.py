"""Pooling, compiled."""
