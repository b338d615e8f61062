"""Indexing, gathering, scattering, ordering, and embeddings."""
