"""What acts on all parameters of a model, under the name where PyTorch has it: nn.utils.clip_grad_norm_(...)."""

from xdl.nn.utils.clip import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from xdl.nn.utils.penalty import l1_penalty, l2_penalty
from xdl.nn.utils.vector import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "l1_penalty",
    "l2_penalty",
    "parameters_to_vector",
    "vector_to_parameters",
]
