"""Recurrent networks and their memory: the table of its experiments."""

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("memory", "The adding problem by lag and cell, the gradient through time, clipping on and off",
     "7.17 2.22", "hwdong 7.4.4, 7.6, 7.7, 7.8; Xu Bin 7.5, 7.6, 8.2, 8.3, 9", ()),
    ("recurrent-by-hand", "RNN, LSTM and GRU unrolled by hand, with all numbers; gradients beside the tape",
     "7.10 7.12 7.18 7.22 7.23 7.24 7.25 7.27",
     "hwdong 7.2.2, 7.3, 7.4.4, 7.7.1, 7.8.1, 7.9, 7.10.1, 7.10.3; Xu Bin 7.2, 7.4, 8.3 to 8.6, 9", ()),
    ("memoryless", "The next value of a swing with and without memory, beside the least errors there are",
     "7.9 7.11", "hwdong 7.2.1; Xu Bin 7.1", ()),
    ("sequence-sampling", "Windows of a series, consecutive and random; where the state is carried, and its worth",
     "7.14", "hwdong 7.4.7", ()),
)
# fmt: on

# rows that no single experiment shows: commands
ELSEWHERE = {"7.21": "xdl run memory --set layers=3 --set cells=lstm-by-lag --set lags=50 --set lr=0.01"}
