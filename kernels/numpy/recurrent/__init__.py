"""Recurrent layers for NumPy: all steps in a few buffers, one product a step."""
