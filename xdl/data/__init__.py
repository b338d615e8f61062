"""Data: datasets on the host, loaders that make batches of them, and the small sets that ship with xdl."""

from xdl.data import augment
from xdl.data.batch_sampler import BatchSampler
from xdl.data.collate import collate, default_collate, default_convert
from xdl.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset
from xdl.data.digits import load_digits
from xdl.data.food_truck import load_food_truck
from xdl.data.generated import (
    autoregression,
    dam_water,
    gaussian_clouds,
    noisy_curve,
    noisy_sine,
    plane,
    real_numbers,
    ring_points,
    separable_points,
    sine_mix,
    spiral,
    stable_coefficients,
    wavy_line,
    xor,
)
from xdl.data.image_sets import load_images
from xdl.data.images import resize, standardize
from xdl.data.iris import LabelledFeatures, load_iris
from xdl.data.labelled import LabelledImages
from xdl.data.labels import check_labels
from xdl.data.loader import DataLoader
from xdl.data.numbers.mixtures import gaussian_modes, grid_of_centres, ring_of_centres
from xdl.data.numbers.real_values import load_real_values
from xdl.data.pictures.prepare import light_on_dark, prepare
from xdl.data.pictures.read import read_pictures
from xdl.data.sampler import (
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from xdl.data.series.autoregressive import characteristic_roots, forecast_floor, impulse_response
from xdl.data.series.csi300 import load_csi300
from xdl.data.series.csv_columns import read_columns
from xdl.data.series.csv_table import read_csv
from xdl.data.series.normalization import Standardize
from xdl.data.series.pairs import chronological_split, overlapping, windows
from xdl.data.series.random_walk import random_walk
from xdl.data.series.sp500 import load_sp500
from xdl.data.series.table import SeriesTable
from xdl.data.series.windows import NextStep, consecutive_windows, random_windows
from xdl.data.split import (
    k_fold,
    random_split,
    split_indices,
    stratified_k_fold,
    stratified_split,
    train_test_split,
)
from xdl.data.streaming.dataset import ChainDataset, IterableDataset
from xdl.data.streaming.workers import WorkerInfo, get_worker_info
from xdl.data.text.bucketing import LengthBuckets
from xdl.data.text.dates import date_pairs
from xdl.data.text.grammar import grammar
from xdl.data.text.imdb import load_imdb
from xdl.data.text.labelled import LabelledTexts
from xdl.data.text.ngrams import NGrams, perplexity
from xdl.data.text.padding import PaddedTexts, padded
from xdl.data.text.pairs import SentencePairs, split_pairs
from xdl.data.text.planted import planted_corpus
from xdl.data.text.polarity import load_polarity
from xdl.data.text.shakespeare import PlainText, load_shakespeare
from xdl.data.text.tatoeba import load_tatoeba
from xdl.data.text.tokens import STOP_WORDS, characters, sentence, without_stop_words, words
from xdl.data.text.vectors import embedding_matrix, read_vectors, write_vectors
from xdl.data.text.vocabulary import Vocabulary
from xdl.functional.typed_errors import typed as _typed

__all__ = [
    "STOP_WORDS",
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "IterableDataset",
    "LabelledFeatures",
    "LabelledImages",
    "LabelledTexts",
    "LengthBuckets",
    "NGrams",
    "NextStep",
    "PaddedTexts",
    "PlainText",
    "RandomSampler",
    "Sampler",
    "SentencePairs",
    "SequentialSampler",
    "SeriesTable",
    "Standardize",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "Vocabulary",
    "WeightedRandomSampler",
    "WorkerInfo",
    "augment",
    "autoregression",
    "characteristic_roots",
    "characters",
    "check_labels",
    "chronological_split",
    "collate",
    "consecutive_windows",
    "dam_water",
    "date_pairs",
    "default_collate",
    "default_convert",
    "embedding_matrix",
    "forecast_floor",
    "gaussian_clouds",
    "gaussian_modes",
    "get_worker_info",
    "grammar",
    "grid_of_centres",
    "impulse_response",
    "k_fold",
    "light_on_dark",
    "load_csi300",
    "load_digits",
    "load_food_truck",
    "load_images",
    "load_imdb",
    "load_iris",
    "load_polarity",
    "load_real_values",
    "load_shakespeare",
    "load_sp500",
    "load_tatoeba",
    "noisy_curve",
    "noisy_sine",
    "overlapping",
    "padded",
    "perplexity",
    "plane",
    "planted_corpus",
    "prepare",
    "random_split",
    "random_walk",
    "random_windows",
    "read_columns",
    "read_csv",
    "read_pictures",
    "read_vectors",
    "real_numbers",
    "resize",
    "ring_of_centres",
    "ring_points",
    "sentence",
    "separable_points",
    "sine_mix",
    "spiral",
    "split_indices",
    "split_pairs",
    "stable_coefficients",
    "standardize",
    "stratified_k_fold",
    "stratified_split",
    "train_test_split",
    "wavy_line",
    "windows",
    "without_stop_words",
    "words",
    "write_vectors",
    "xor",
]

# wrong arguments of these get xdl's errors, never Python's from inside
CHECKED = (
    autoregression, characteristic_roots, characters, chronological_split, consecutive_windows, date_pairs,
    embedding_matrix, forecast_floor, grammar, impulse_response, load_imdb, load_polarity, load_shakespeare,
    load_tatoeba, noisy_curve, overlapping, padded, perplexity, planted_corpus, random_walk, random_windows,
    read_columns, read_csv, read_vectors, sentence, sine_mix, split_pairs, stable_coefficients, windows,
    without_stop_words, words, write_vectors,
)  # fmt: skip
globals().update({function.__name__: _typed(function) for function in CHECKED})
