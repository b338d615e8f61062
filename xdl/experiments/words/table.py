"""Words (part 7 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("sentiment", "Good or bad: BiGRU beside naive Bayes, words by their effect, negations, dropout",
     "7.32 7.33 7.34 9.11", "Xu Bin 9", ("grammar", "rt-polarity", "imdb")),
    ("word2vec", "Word vectors from the company of words: skip-gram and CBOW, nearest words, frequency",
     "7.37", "hwdong 7.11.3", ("planted", "shakespeare", "tinyshakespeare", "rt-polarity", "imdb")),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
