"""Translation (section 7.11 of hwdong): the table of its experiments."""

from xdl.experiments.translation import DATA

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("translate-char", "Encoder and decoder on one-hot letters; teacher forcing, greedy decoding and beam search",
     "7.35 7.36", "hwdong 7.11.1, 7.11.2", DATA),
    ("translate-word2vec", "Encoder and decoder on fixed word vectors, made by skip-gram of the training part",
     "7.35 7.38", "hwdong 7.11.3", DATA),
    ("translate-embedding", "Encoder and decoder on vectors of tokens that are learned along the way",
     "7.35 7.39 9.10", "hwdong 7.11.4", DATA),
    ("translate-attention", "The decoder looks back at every token; beside the one that cannot, at equal seconds",
     "7.40", "hwdong 7.11.5", DATA),
    ("translate-transformer", "A transformer that translates, decoding from cached keys and values",
     "7.40", "hwdong 7.11.5", DATA),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
