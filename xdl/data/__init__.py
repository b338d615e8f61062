"""Data: datasets on the host, loaders that make batches of them, and the small sets that ship with xdl."""

from xdl.data.dataset import Dataset, Subset, TensorDataset
from xdl.data.digits import LabelledImages, load_digits
from xdl.data.images import resize, standardize
from xdl.data.labels import check_labels
from xdl.data.loader import DataLoader
from xdl.data.split import stratified_split

__all__ = [
    "DataLoader",
    "Dataset",
    "LabelledImages",
    "Subset",
    "TensorDataset",
    "check_labels",
    "load_digits",
    "resize",
    "standardize",
    "stratified_split",
]
