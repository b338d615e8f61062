"""Figures of many trials at once: what a search of settings has tried, and what came of it."""
