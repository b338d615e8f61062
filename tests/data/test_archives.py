"""Archives: unpacked inside their folder, or refused."""

import hashlib
import io
import tarfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.mirror import in_cache
from xdl.data.fetching.archive import extract
from xdl.data.fetching.download import fetch, unpack
from xdl.data.fetching.places import Place, datasets_folder
from xdl.data.fetching.sources import RemoteFile, Source
from xdl.errors import DataError

pytestmark = pytest.mark.usefixtures("cache")


def tar(*members):
    """A .tar.gz of (name, content) pairs and of TarInfo objects."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packer:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                packer.addfile(one, io.BytesIO(b"x" * one.size))
            else:
                member = tarfile.TarInfo(one[0])
                member.size = len(one[1])
                packer.addfile(member, io.BytesIO(one[1]))
    return out.getvalue()


def special(kind, name="it", linkname="../../outside"):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, linkname
    return member


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([special(tarfile.SYMTYPE)], "a link or device: 'it'"),
        ([special(tarfile.SYMTYPE, linkname="inside")], "a link or device: 'it'"),
        ([special(tarfile.LNKTYPE)], "a link or device: 'it'"),
        ([special(tarfile.CHRTYPE)], "a link or device: 'it'"),
        ([special(tarfile.FIFOTYPE)], "a link or device: 'it'"),
        ([("../outside", b"x")], r"inside the archive's folder, found '\.\./outside'"),
        ([("a/../../outside", b"x")], "inside the archive's folder"),
        ([("/tmp/outside", b"x")], "inside the archive's folder, found '/tmp/outside'"),
        ([("a", bytes(600)), ("b", bytes(500))], "at most 1000 bytes unpacked, found more, with 'b'"),
        ([("a", b"x"), ("a/b", b"x")], "a whole .tar.gz archive"),
    ],
)
def test_what_leads_outside_is_refused_by_name(tmp_path, members, message):
    archive, folder = tmp_path / "set.tar.gz", tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    archive.write_bytes(tar(*members))
    with pytest.raises(DataError, match=rf"set\.tar\.gz: expected .*{message}"):
        extract(archive, folder, limit=1000)
    assert {path.name for path in tmp_path.rglob("*") if "outside" in path.name} == set()


def test_folders_and_files_are_unpacked(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "set.tar.gz").write_bytes(tar(special(tarfile.DIRTYPE, "d"), ("d/a", b"1"), ("e/f/b", b"22")))
    extract(tmp_path / "set.tar.gz", folder, limit=3)
    assert (folder / "d" / "a").read_bytes() + (folder / "e" / "f" / "b").read_bytes() == b"122"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_archive_does_no_harm(tmp_path_factory, data):
    whole = tar(("a", bytes(range(256)) * 20), ("b", b"second"))
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.mktemp("out")
    archive = folder.parent / f"{folder.name}.tar.gz"
    archive.write_bytes(bytes(damaged)[: data.draw(st.integers(1, len(whole)))])
    before = set(folder.parent.iterdir())
    with suppress(DataError):  # no other error
        extract(archive, folder, limit=10_000)
    assert set(folder.parent.iterdir()) == before
    assert sum(path.stat().st_size for path in folder.rglob("*")) <= 20_000


@pytest.fixture
def archived(server):
    """A set that is one archive of two files."""
    members = {"a.bin": b"first" * 99, "b.bin": b"second" * 99}
    packed = tar(*[(f"batches/{name}", data) for name, data in members.items()])
    server.files["/good/set.tar.gz"] = packed
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    file = RemoteFile("set.tar.gz", len(packed), hashlib.sha256(packed).hexdigest(), "batches", digests)
    return Source("mnist", "", "", (file,), (server.url("good"),)), packed


def test_an_archive_is_unpacked_checked_and_not_kept(archived):
    wanted, _ = archived
    fetch(wanted)
    assert sorted(in_cache()) == ["batches/a.bin", "batches/b.bin"]
    (datasets_folder() / "mnist" / "batches" / "a.bin").write_bytes(b"first")
    with pytest.raises(DataError, match="damaged one, which was removed"):
        fetch(wanted, no_network=True)
    assert in_cache() == {}
    fetch(wanted)
    assert sorted(in_cache()) == ["batches/a.bin", "batches/b.bin"]


def test_the_users_own_archive_is_unpacked_into_the_cache(archived, tmp_path):
    wanted, packed = archived
    (tmp_path / "mnist").mkdir()
    archive = tmp_path / "mnist" / "set.tar.gz"
    archive.write_bytes(packed)
    assert fetch(wanted, tmp_path) == Place(tmp_path / "mnist", ours=False)
    folder = unpack(archive, wanted, wanted.files[0])
    assert folder == datasets_folder() / "mnist" / "batches"
    assert sorted(in_cache()) == ["batches/a.bin", "batches/b.bin"]
    archive.write_bytes(b"")
    assert unpack(archive, wanted, wanted.files[0]) == folder  # not looked at again


def test_an_archive_with_other_files_is_refused_and_leaves_nothing(archived, tmp_path):
    wanted, _ = archived
    archive = tmp_path / "set.tar.gz"
    archive.write_bytes(tar(("batches/a.bin", b"x"), ("batches/b.bin", b"y")))
    with pytest.raises(DataError, match=r"set\.tar\.gz: expected a\.bin, b\.bin as published"):
        unpack(archive, wanted, wanted.files[0])
    assert in_cache() == {}
