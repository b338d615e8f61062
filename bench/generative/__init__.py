"""Workloads of models that generate."""
