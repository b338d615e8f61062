"""Data sets (part 9 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("data-sets", "Every data set that is here, drawn: sizes, classes, licences, and what guessing reaches",
     "0.6 3.19 9.1 9.2 9.3 9.4 9.5 9.6",
     "hwdong 3.1.1, 3.2.1, 3.3, 3.5, 3.6.1, 3.7.1, 7.1, 8.5; Xu Bin 1.2, 2.1, 3.1, 7.7", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
