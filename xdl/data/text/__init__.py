"""Text: tokens, vocabularies, and readers of texts."""
