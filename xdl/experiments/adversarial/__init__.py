"""Experiments on networks that are trained against each other: numbers, points and pictures out of noise."""
