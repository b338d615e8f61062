"""The image sets that do not ship with xdl: their files, and where these are published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RemoteFile:
    """A published file.

    size, sha256: of the file as it is published
    unpacked:     its name once it is unpacked
    contents:     the SHA-256 of what it unpacks to, by name; empty where nobody published it
    """

    name: str
    size: int
    sha256: str
    unpacked: str
    contents: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_archive(self) -> bool:
        """Whether it unpacks to a folder."""
        return self.name.endswith(".tar.gz")


@dataclass(frozen=True)
class Source:
    """A published set.

    name:    as on the command line, and of its folder in a data folder and in the cache
    mirrors: where the files are, tried in this order: mirror + name of the file
    folders: where in a data folder it may lie, besides the folder of its name; "." is the data folder itself
    """

    name: str
    title: str
    licence: str
    files: tuple[RemoteFile, ...]
    mirrors: tuple[str, ...]
    folders: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(file.size for file in self.files)


def _idx(size: int, name: str, sha256: str, content: str = "") -> RemoteFile:
    return RemoteFile(f"{name}.gz", size, sha256, name, {name: content} if content else {})


MNIST = Source(
    "mnist",
    "70,000 handwritten digits, 28x28 grey (LeCun, Cortes, Burges)",
    "CC BY-SA 3.0, as commonly cited",
    (
        _idx(
            9912422,
            "train-images-idx3-ubyte",
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        _idx(
            28881,
            "train-labels-idx1-ubyte",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        _idx(
            1648877,
            "t10k-images-idx3-ubyte",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        _idx(
            4542,
            "t10k-labels-idx1-ubyte",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ),
    ("MNIST/raw", "MNIST", "mnist/raw", "mnist/MNIST/raw", "raw", "."),
)

FASHION_MNIST = Source(
    "fashion-mnist",
    "70,000 photographs of clothes, 28x28 grey (Xiao, Rasul, Vollgraf; Zalando)",
    "MIT",
    (
        _idx(
            26421880,
            "train-images-idx3-ubyte",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        _idx(29515, "train-labels-idx1-ubyte", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        _idx(4422102, "t10k-images-idx3-ubyte", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        _idx(5148, "t10k-labels-idx1-ubyte", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    (
        "FashionMNIST/raw",
        "FashionMNIST",
        "fashion-mnist/raw",
        "fashion-mnist/FashionMNIST/raw",
        "fashion_mnist",
        "raw",
        ".",
    ),
)

CIFAR10 = Source(
    "cifar10",
    "60,000 photographs of animals and vehicles, 32x32 colour (Krizhevsky, Nair, Hinton)",
    "none stated",
    (
        RemoteFile(
            "cifar-10-binary.tar.gz",
            170052171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            "cifar-10-batches-bin",
            {
                "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
            },
        ),
    ),
    ("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
    ("cifar-10", "CIFAR10", "."),
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST, CIFAR10)}
