"""Series (part 7 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = ()

ELSEWHERE: dict[str, str] = {}
