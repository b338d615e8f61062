"""CUDA versions of the recurrent layers."""
