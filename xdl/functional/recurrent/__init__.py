"""Recurrent layers over time."""
