"""What scripts ask of PyTorch's machinery: compilers, several processes, switches, and what is refused."""
