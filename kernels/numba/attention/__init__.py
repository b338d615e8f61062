"""Attention, compiled."""
