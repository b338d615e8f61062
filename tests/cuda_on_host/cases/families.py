"""All parity cases by family: what a family is called, its case, and the dtypes it exists in."""

from __future__ import annotations

from tests.cuda_on_host.cases.any_cell import any_cell
from tests.cuda_on_host.cases.bias_activation import bias_activation
from tests.cuda_on_host.cases.check import Case
from tests.cuda_on_host.cases.checks import checks
from tests.cuda_on_host.cases.conv.conv_tf32 import channels_last, conv_tf32
from tests.cuda_on_host.cases.conv.depthwise import depthwise
from tests.cuda_on_host.cases.conv.im2col import im2col
from tests.cuda_on_host.cases.conv.pool import average_pool, max_pool
from tests.cuda_on_host.cases.conv.resample import resample
from tests.cuda_on_host.cases.cross_entropy import cross_entropy
from tests.cuda_on_host.cases.dropout import dropout, philox_words
from tests.cuda_on_host.cases.element_loss import element_loss
from tests.cuda_on_host.cases.embedding import embedding
from tests.cuda_on_host.cases.norm import batch_norm
from tests.cuda_on_host.cases.optim import adam, sgd, updates
from tests.cuda_on_host.cases.persistent import persistent
from tests.cuda_on_host.cases.pointwise import activations, division
from tests.cuda_on_host.cases.probes import probes
from tests.cuda_on_host.cases.put_items import put_items
from tests.cuda_on_host.cases.reduce import bias_gradients
from tests.cuda_on_host.cases.rnn import gru_cell, lstm_cell
from tests.cuda_on_host.cases.row_norms import group_norm, layer_norm
from tests.cuda_on_host.cases.sequences import gru_layer, lstm_layer
from tests.cuda_on_host.cases.shapes.along import along
from tests.cuda_on_host.cases.shapes.pad import pad
from tests.cuda_on_host.cases.shapes.scan import scan
from tests.cuda_on_host.cases.softmax import softmax
from tests.cuda_on_host.cases.top_indices import top_indices

BOTH = ("float32", "float64")

FAMILIES: dict[str, tuple[Case, tuple[str, ...]]] = {
    "probes": (probes, ("float32",)),
    "im2col": (im2col, BOTH),
    "depthwise": (depthwise, BOTH),
    "channels_last": (channels_last, ("float32",)),
    "conv_tf32": (conv_tf32, ("float32",)),
    "max_pool": (max_pool, BOTH),
    "average_pool": (average_pool, BOTH),
    "bias_gradients": (bias_gradients, BOTH),
    "batch_norm": (batch_norm, BOTH),
    "layer_norm": (layer_norm, BOTH),
    "group_norm": (group_norm, BOTH),
    "softmax": (softmax, BOTH),
    "cross_entropy": (cross_entropy, BOTH),
    "element_loss": (element_loss, BOTH),
    "embedding": (embedding, BOTH),
    "checks": (checks, ("float32",)),
    "put_items": (put_items, BOTH),
    "along": (along, BOTH),
    "pad": (pad, BOTH),
    "scan": (scan, BOTH),
    "resample": (resample, BOTH),
    "top_indices": (top_indices, BOTH),
    "philox_words": (philox_words, ("float32",)),
    "dropout": (dropout, BOTH),
    "lstm_cell": (lstm_cell, BOTH),
    "gru_cell": (gru_cell, BOTH),
    "lstm_layer": (lstm_layer, BOTH),
    "gru_layer": (gru_layer, BOTH),
    "any_cell": (any_cell, BOTH),
    "persistent": (persistent, ("float32",)),
    "sgd": (sgd, BOTH),
    "adam": (adam, BOTH),
    "activations": (activations, BOTH),
    "bias_activation": (bias_activation, BOTH),
    "division": (division, BOTH),
    "updates": (updates, BOTH),
}
