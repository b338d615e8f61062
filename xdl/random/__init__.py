"""Random numbers: streams that give the same words on every backend, and the tensors drawn from them."""

from xdl.random.draws import permutation, rand, rand_like, randint, randint_like, randn, randn_like, randperm
from xdl.random.sampling import bernoulli, multinomial, normal
from xdl.random.streams import Stream, get_state, initial_seed, manual_seed, own_streams, set_state, stream

__all__ = [
    "Stream",
    "bernoulli",
    "get_state",
    "initial_seed",
    "manual_seed",
    "multinomial",
    "normal",
    "own_streams",
    "permutation",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "set_state",
    "stream",
]
