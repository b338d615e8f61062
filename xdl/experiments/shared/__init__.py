"""What experiments of several parts of the books have in common."""

IMAGES = ("digits", "mnist", "fashion-mnist")  # the sets that classifiers of images take; the first is the default
TEXTS = ("shakespeare", "tinyshakespeare")  # the sets that models of characters take
