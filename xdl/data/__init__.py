"""Data: datasets on the host, loaders that make batches of them, and the small sets that ship with xdl."""

from xdl.data.collate import collate
from xdl.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset
from xdl.data.digits import load_digits
from xdl.data.image_sets import load_images
from xdl.data.images import resize, standardize
from xdl.data.labelled import LabelledImages
from xdl.data.labels import check_labels
from xdl.data.loader import DataLoader
from xdl.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from xdl.data.split import random_split, stratified_split

__all__ = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "LabelledImages",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "check_labels",
    "collate",
    "load_digits",
    "load_images",
    "random_split",
    "resize",
    "standardize",
    "stratified_split",
]
