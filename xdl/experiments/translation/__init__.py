"""Translation: sentence pairs, from one-hot letters to attention and transformers."""
