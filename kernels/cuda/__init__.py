"""CUDA: launching kernels, compiling them, and the versions of operations that they make; sources in src/."""
