"""Recurrent networks (part 7 of the checklist): what they remember, and how that is learned."""
