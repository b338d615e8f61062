"""What the experiments with generators of images share."""
