"""The optimizers' updates over flat buffers on a GPU."""
