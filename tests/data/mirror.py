"""A web server on this machine that stands for the mirrors of a data set, and a small set that it sends."""

import hashlib
from dataclasses import dataclass, field

from xdl.data.fetching.places import datasets_folder
from xdl.data.fetching.sources import RemoteFile, Source

CONTENT = {"images.gz": bytes(range(256)) * 400, "labels.gz": b"labels" * 500}


@dataclass
class Server:
    """files: what it sends by path; slow: seconds between pieces; asked: the paths that were asked for."""

    port: int = 0
    files: dict = field(default_factory=dict)
    slow: float = 0.0
    asked: list = field(default_factory=list)

    def url(self, folder):
        return f"http://127.0.0.1:{self.port}/{folder}/"


def source(server, *mirrors, content=CONTENT):
    """A set of small files that these mirrors should have; "good" has them."""
    server.files |= {f"/good/{name}": data for name, data in content.items()}
    files = tuple(
        RemoteFile(name, len(data), hashlib.sha256(data).hexdigest(), name.removesuffix(".gz"))
        for name, data in content.items()
    )
    return Source("mnist", "a set", "none", files, tuple(server.url(mirror) for mirror in mirrors))


def in_cache():
    """Everything below the set's folder, by name."""
    folder = datasets_folder() / "mnist"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
