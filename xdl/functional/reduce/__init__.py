"""Functions over dimensions: sums, extremes, statistics, cumulative sums, softmax."""
