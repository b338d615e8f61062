"""Attention and transformers."""

from xdl.nn.attention.cache import KeyValueCache
from xdl.nn.attention.decoder import TransformerDecoder, TransformerDecoderLayer
from xdl.nn.attention.encoder import TransformerEncoder, TransformerEncoderLayer
from xdl.nn.attention.multihead import MultiheadAttention
from xdl.nn.attention.positions import LearnedPositions, SinusoidalPositions
from xdl.nn.attention.scores import AdditiveAttention, DotAttention, GeneralAttention
from xdl.nn.attention.transformer import Transformer

__all__ = [
    "AdditiveAttention",
    "DotAttention",
    "GeneralAttention",
    "KeyValueCache",
    "LearnedPositions",
    "MultiheadAttention",
    "SinusoidalPositions",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]
