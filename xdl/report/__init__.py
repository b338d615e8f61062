"""Reports on this installation: versions, backends, kernels, and their errors against float64."""
