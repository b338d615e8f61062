"""Bucketing: texts of similar lengths come into one batch, so that little of it is padding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from xdl.data.order import as_indices, host_array
from xdl.data.sampler import ChanceSampler, positive
from xdl.data.text.padding import check_lengths
from xdl.errors import DataError, SettingError, ShapeError, expect
from xdl.random import Stream


class LengthBuckets(ChanceSampler):
    """The indices of batches of texts that are about equally long, for `DataLoader(texts, batch_sampler=...)`.

    lengths:    (N,) integers >= 1: the tokens of each text
    batch_size: B
    pool:       batches that are sorted together: more of them waste less, fewer leave more to chance
    drop_last:  leaves a batch of fewer than B texts out
    generator:  as of `RandomSampler`

    Each pass shuffles all texts, sorts each pool of `pool * B` by length, cuts it into batches, and shuffles these. It
    takes two steps of the stream, so that a training goes on after a stop where it was. Raises SettingError for counts
    below 1, ShapeError for lengths of another form, DataError for no text or one without tokens.
    """

    def __init__(
        self,
        lengths: Any,
        batch_size: int,
        pool: int = 50,
        drop_last: bool = False,
        generator: Stream | None = None,
    ) -> None:
        super().__init__(generator)
        self.lengths = np.asarray(lengths)
        right = self.lengths.ndim == 1 and (self.lengths.dtype.kind in "iu" or not self.lengths.size)
        found = f"{self.lengths.dtype} {self.lengths.shape}"
        expect(right, ShapeError, "LengthBuckets", "lengths (N,) of integers", found)
        check_lengths("LengthBuckets", self.lengths)
        self.batch_size = positive("LengthBuckets", batch_size, "batch_size")
        self.pool = positive("LengthBuckets", pool, "pool")
        self.drop_last = drop_last
        most = f"batch_size <= {len(self.lengths)} texts with drop_last"
        expect(len(self) > 0, SettingError, "LengthBuckets", most, batch_size)

    def __len__(self) -> int:
        whole, rest = divmod(len(self.lengths), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Any]:
        """The batches of the next pass, each an int64 array."""
        order = self.generator.permutation(len(self.lengths), host_array())
        pooled, batches = self.batch_size * self.pool, []
        for start in range(0, len(order), pooled):
            some = order[start : start + pooled]
            some = some[np.argsort(self.lengths[some], kind="stable")]
            batches += [some[at : at + self.batch_size] for at in range(0, len(some), self.batch_size)]
        if self.drop_last:
            batches = [batch for batch in batches if len(batch) == self.batch_size]
        turns = self.generator.permutation(len(batches), host_array())
        return iter([batches[turn] for turn in turns])


def padding_share(lengths: Any, batches: Iterable[Any]) -> float:
    """Which share of all steps of these batches is padding, in [0, 1): what is computed for nothing.

    Raises DataError for no batch, for an empty one, and for indices outside the texts.
    """
    own = np.asarray(lengths)
    used = total = 0
    for batch in batches:
        some = as_indices("padding_share", batch)
        fits = some.size > 0 and some.min() >= 0 and some.max() < len(own)
        expect(bool(fits), DataError, "padding_share", f"batches of indices in [0, {len(own)})", some[:5])
        used += int(own[some].sum())
        total += len(some) * int(own[some].max())
    expect(total > 0, DataError, "padding_share", "at least one batch", "none")
    return 1 - used / total
