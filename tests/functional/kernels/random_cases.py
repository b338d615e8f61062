"""Raw arguments for the slots that draw random numbers: none, one, odd counts, and enough to fill threads."""

KEY, STEP, FIRST = (3, 4), 5, 2
DROP = 6554  # of 65536 lanes
MANY = (0, 1, 33, 300_001)  # numbers
WORDS = (0, 1, 31, 4099)


def random_cases(draw, ids):
    """{slot: a function of no arguments, which gives {name: arguments}}."""

    def words(n):
        return ids(1000, n).view("uint64") << 50

    return {
        "dropout": lambda: {str(n): (draw(n), DROP, KEY, STEP) for n in MANY},
        "dropout_add": lambda: {str(n): (draw(n), draw(n), DROP, KEY, STEP) for n in MANY},
        "philox_words": lambda: {str(n): (draw(1), KEY, STEP, FIRST, n) for n in WORDS},
        "word_pieces": lambda: {f"{n} of {bits}": (words(n), bits) for n in WORDS for bits in (16, 32)},
    }
