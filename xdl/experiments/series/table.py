"""Series (part 7 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("window-mlp", "A network on windows of two waves, one step ahead and running free, beside least squares",
     "7.5 7.6", "hwdong 7.1.5 to 7.1.8", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
