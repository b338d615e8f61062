"""Series (part 7 of the checklist): the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("ar-model", "Autoregressions by least squares and by an LSTM, beside the floor of all forecasts",
     "7.3 7.4 7.26", "hwdong 7.1.3, 7.1.4, 7.10.2", ()),
    ("window-mlp", "A network on windows of two waves, one step ahead and running free, beside least squares",
     "7.5 7.6", "hwdong 7.1.5 to 7.1.8", ()),
    ("rnn-sine", "A recurrent network on two waves: gradient check, with and without a carried state",
     "7.13 7.15", "hwdong 7.4.1 to 7.4.8", ()),
    ("stock-window", "Share prices from windows of days: skill against tomorrow = today, and the books' way",
     "7.1 7.7 7.15 9.7", "hwdong 7.1.1, 7.1.9, 7.4.8", ("random-walk", "sp500")),
    ("csi300", "Twenty days of an index by three LSTM layers, with dropout and without; the book's way",
     "7.30 7.31 7.34 9.8", "徐彬 8.1", ("random-walk", "csi300", "csi300-raw")),
    ("book-rnn-curve", "Ten steps of Xu Bin's noisy curve from ten, by every kind of cell, beside the noise floor",
     "7.28 7.29", "Xu Bin 7.2, 7.7, 7.8", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
