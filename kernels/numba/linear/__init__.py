"""Linear layers: small ones in one call each way, larger ones by BLAS in pieces."""
