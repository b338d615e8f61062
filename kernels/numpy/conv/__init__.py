"""Ways to convolve with NumPy, and the rules that choose among them."""
