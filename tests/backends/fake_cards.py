"""The cards of the fake CuPy, and which one is current in which thread."""

import sys
from threading import local


class Card(str):
    """A card, which NumPy's functions take for the "cpu" that it is."""

    @classmethod
    def of(cls, number):
        made = cls("cpu")
        made.id = number
        return made


class Cards(local):
    """The current card of each thread."""

    current = 0


cards = Cards()


class Device:
    """cupy.cuda.Device: a card, by default the current one."""

    compute_capability = "90"

    def __init__(self, index=None):
        self.id = cards.current if index is None else index

    def use(self):
        cards.current = self.id

    def synchronize(self):
        sys.modules["cupy"].waited.append("device")

    def __enter__(self):
        self.before, cards.current = cards.current, self.id

    def __exit__(self, *_error):
        cards.current = self.before
