"""Kernels for NumPy's arrays that Numba compiles, of the extra `fast`. See choice.py for when they run."""
