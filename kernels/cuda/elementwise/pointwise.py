"""Functions of elements on a GPU that the array library itself compiles."""

from __future__ import annotations

from xdl.functional import either
from xdl.functional.elementwise.activation import ReluPair, relu_pair
from xdl.functional.elementwise.unary import PointwiseReference, pointwise

from ..slots import register

register(relu_pair)(ReluPair)
register(pointwise)(PointwiseReference)
register(either.clip_slot)(either.ClipReference)
