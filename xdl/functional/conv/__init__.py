"""Convolution, pooling, and resizing of images."""
