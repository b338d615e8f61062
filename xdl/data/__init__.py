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
from xdl.data.pictures.prepare import light_on_dark, prepare
from xdl.data.pictures.read import read_pictures
from xdl.data.sampler import (
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from xdl.data.series.windows import NextStep, consecutive_windows, random_windows
from xdl.data.split import (
    k_fold,
    random_split,
    split_indices,
    stratified_k_fold,
    stratified_split,
    train_test_split,
)
from xdl.data.text.ngrams import NGrams, perplexity
from xdl.data.text.shakespeare import PlainText, load_shakespeare
from xdl.data.text.dates import date_pairs
from xdl.data.text.pairs import SentencePairs, split_pairs
from xdl.data.text.tatoeba import load_tatoeba
from xdl.data.text.tokens import STOP_WORDS, characters, sentence, without_stop_words, words
from xdl.data.text.vocabulary import Vocabulary

__all__ = [
    "STOP_WORDS",
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "LabelledFeatures",
    "LabelledImages",
    "NGrams",
    "NextStep",
    "PlainText",
    "RandomSampler",
    "Sampler",
    "SentencePairs",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "Vocabulary",
    "WeightedRandomSampler",
    "augment",
    "autoregression",
    "characters",
    "check_labels",
    "collate",
    "consecutive_windows",
    "dam_water",
    "date_pairs",
    "default_collate",
    "default_convert",
    "gaussian_clouds",
    "k_fold",
    "light_on_dark",
    "load_digits",
    "load_food_truck",
    "load_images",
    "load_iris",
    "load_shakespeare",
    "load_tatoeba",
    "noisy_curve",
    "noisy_sine",
    "perplexity",
    "plane",
    "prepare",
    "random_split",
    "random_windows",
    "read_pictures",
    "real_numbers",
    "resize",
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
    "without_stop_words",
    "words",
    "xor",
]
