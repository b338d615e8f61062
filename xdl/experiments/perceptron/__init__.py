"""The perceptron, and what a hidden layer adds to it."""
