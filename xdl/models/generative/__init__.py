"""Networks that code images and make new ones: autoencoders and variational autoencoders, and what they are told by."""

from xdl.models.generative.autoencoder import Autoencoder, ConvAutoencoder, DenseAutoencoder
from xdl.models.generative.sparse import TopK, kl_sparsity
from xdl.models.generative.vae import VAE, ConditionalVAE, VAEOutput

__all__ = [
    "VAE",
    "Autoencoder",
    "ConditionalVAE",
    "ConvAutoencoder",
    "DenseAutoencoder",
    "TopK",
    "VAEOutput",
    "kl_sparsity",
]
