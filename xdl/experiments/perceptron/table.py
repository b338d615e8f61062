"""The perceptron and the hidden layer (the beginning of part 4 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("perceptron", "Points in space: mistakes against their bound, the plane from two sides",
     "4.1 4.2 4.3", "Xu Bin 1.2, 1.3, 3.1; hwdong 4.1.1", ()),
    ("xor", "Exclusive or: the perceptron walks in circles, a hidden layer bends, at times",
     "4.4", "Xu Bin 3.1", ()),
    ("numerical-training", "A network trained by numerical gradients, and their price beside back propagation",
     "4.17", "hwdong 4.1.7", ()),
    ("width-depth", "As many parameters in one wide layer or in several narrow ones",
     "4.18", "hwdong 4.1.8; Xu Bin 3.2", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
