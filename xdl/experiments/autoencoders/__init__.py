"""Autoencoders (part 8 of the checklist): few numbers that an image can be made of again, and images that are new."""
