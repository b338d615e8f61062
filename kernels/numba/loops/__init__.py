"""Loops that Numba compiles. Importing one imports Numba: see ../compiled.py for when that is."""
