"""Translation: sentence pairs, from one-hot letters to attention and transformers."""

DATA = ("dates", "tatoeba-2000", "tatoeba")  # the sets that translators take; the first is the default
