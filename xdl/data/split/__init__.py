"""Splitting: parts to train, to choose and to test on, and folds that take turns; none sees a sample of another."""

from xdl.data.split.by_chance import random_split
from xdl.data.split.by_class import stratified_order, stratified_split
from xdl.data.split.folds import Fold, k_fold, stratified_k_fold
from xdl.data.split.parts import split_indices, train_test_split

__all__ = [
    "Fold",
    "k_fold",
    "random_split",
    "split_indices",
    "stratified_k_fold",
    "stratified_order",
    "stratified_split",
    "train_test_split",
]
