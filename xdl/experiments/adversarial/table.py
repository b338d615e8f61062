"""Networks against each other (part 8 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("gan-numbers", "A GAN on real numbers: mean, std and Wasserstein distance beside the data's", "8.8",
     "hwdong 8.5.1", ("generated-numbers", "real-values")),
    ("gan-points", "A GAN on eight modes: coverage as a number, tricks one by one", "8.7 8.9 8.11",
     "hwdong 8.4.1 to 8.4.2, 8.5.2, 8.5.4", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
