"""Mathematics: what networks are made of (part 1 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("graph", "The graph of any expression: values, gradients and slopes, beside numerical derivatives",
     "1.9 4.19", "hwdong 1.3.5, 4.2.1, 4.2.2; Xu Bin 2.8", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
