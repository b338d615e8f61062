"""Language: what comes next in a text (part 7 of the checklist): the table of its experiments."""

from xdl.experiments.shared import TEXTS

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("kgram-lm", "A language model by counting, with four smoothings", "7.2 7.8 9.9", "hwdong 7.1.2, 7.1.10", TEXTS),
    ("char-rnn", "Characters by a plain recurrent network, and a text", "7.2 7.16 9.9", "hwdong 7.5", TEXTS),
    ("char-lstm", "Characters by an LSTM of any depth", "7.19 7.21", "hwdong 7.7.3, 7.10; Xu Bin 8.6.2", TEXTS),
    ("char-gru", "Characters by a GRU, and a text", "7.16", "hwdong 7.8", TEXTS),
    ("lstm-variants", "Seven cells: equal parameters, equal seconds", "7.20", "hwdong 7.7.4", TEXTS),
    ("tiny-gpt", "A causal transformer beside the LSTM, by seconds", "7.2", "hwdong 7.11", TEXTS),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
