"""Energy models and their kin (part 8 of the checklist): Boltzmann machines, deep belief networks, diffusion."""
