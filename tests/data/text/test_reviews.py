"""Reviews: IMDB from a folder and from an archive in place, sentence polarity, and what is refused of them."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from xdl.data.fetching import archive
from xdl.data.text.imdb import load_imdb, without_tags
from xdl.data.text.labelled import LabelledTexts, of_classes
from xdl.data.text.polarity import load_polarity
from xdl.errors import DataError, ShapeError

REVIEWS = {
    f"aclImdb/{part}/{kind}/{number}_{number}.txt": f"{part} {kind} {number}<br />end"
    for part in ("train", "test")
    for kind in ("pos", "neg")
    for number in (0, 10, 2)
}
OTHERS = {"aclImdb/README": "read me", "aclImdb/train/unsup/0_0.txt": "no class", "aclImdb/imdb.vocab": "the"}


def packed(path, files, *members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            content = text if isinstance(text, bytes) else text.encode()
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))


def unpacked(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_imdb_is_the_same_from_a_folder_and_from_its_archive(tmp_path):
    packed(tmp_path / "a/imdb/aclImdb_reviews.tar.gz", REVIEWS | OTHERS)
    unpacked(tmp_path / "b/imdb", REVIEWS | OTHERS)
    from_archive, from_folder = load_imdb(tmp_path / "a"), load_imdb(tmp_path / "b")
    assert [part.texts for part in from_archive] == [part.texts for part in from_folder]
    train, test = from_archive
    assert train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert train.texts[:3] == ("train neg 0<br />end", "train neg 10<br />end", "train neg 2<br />end")
    assert all(text.startswith("test") for text in test.texts)
    assert without_tags(train.texts[0]) == "train neg 0 end"
    assert [path.name for path in (tmp_path / "a/imdb").iterdir()] == ["aclImdb_reviews.tar.gz"]


def test_a_byte_order_mark_is_no_part_of_a_review(tmp_path):
    unpacked(tmp_path / "imdb", REVIEWS | {"aclImdb/train/neg/0_1.txt": "\ufeffdull"})
    assert "dull" in load_imdb(tmp_path)[0].texts


def test_hidden_files_are_no_reviews(tmp_path):
    hidden = {"aclImdb/train/neg/._0_0.txt": b"\0\xfe", "aclImdb/test/pos/.x.txt": b""}
    packed(tmp_path / "a/imdb/aclImdb_reviews.tar.gz", REVIEWS | hidden)
    unpacked(tmp_path / "b/imdb", REVIEWS)
    for name, content in hidden.items():
        (tmp_path / "b/imdb" / name).write_bytes(content)
    assert [[len(part) for part in load_imdb(tmp_path / data)] for data in "ab"] == [[6, 6], [6, 6]]


def link(name="aclImdb/train/pos/9_9.txt", kind=tarfile.SYMTYPE):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member


def large(name, size):
    member = tarfile.TarInfo(name)
    member.size = size
    return member


@pytest.mark.parametrize(
    ("files", "members", "message"),
    [
        (REVIEWS, [link()], "a link or device: 'aclImdb/train/pos/9_9.txt'"),
        (REVIEWS, [link(kind=tarfile.LNKTYPE)], "a link or device"),
        (REVIEWS, [link("../outside.txt", tarfile.REGTYPE)], "inside the archive's folder"),
        (REVIEWS, [large("aclImdb/test/neg/1_1.txt", archive.PIECE + 1)], "files of at most 1048576 bytes"),
        (REVIEWS | {"aclImdb/train/pos/3_3.txt": b"\xff\xfe"}, [], "train/pos/3_3.txt: expected text in UTF-8"),
        (REVIEWS | {"aclImdb/test/pos/3_3.txt": " \n"}, [], "test: expected texts with something in them"),
        (
            {name: text for name, text in REVIEWS.items() if "/test/pos" not in name},
            [],
            "texts of at least two classes",
        ),
        (OTHERS, [], "train: expected at least one text"),
    ],
)
def test_hostile_and_damaged_archives_are_refused(tmp_path, files, members, message):
    packed(tmp_path / "imdb/aclImdb_reviews.tar.gz", files, *members)
    with pytest.raises(DataError, match=message):
        load_imdb(tmp_path)


def test_a_cut_archive_and_too_many_bytes_or_members_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "imdb/aclImdb_reviews.tar.gz"
    packed(path, REVIEWS)
    whole = path.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(whole)[:3000]))
    with pytest.raises(DataError, match="a whole"):
        load_imdb(tmp_path)
    path.write_bytes(whole)
    with pytest.raises(DataError, match="at most 20 bytes unpacked"):
        list(archive.contents(path, lambda _: True, 20, 100))
    with pytest.raises(DataError, match="at most 3 members"):
        list(archive.contents(path, lambda _: True, 10_000, 3))


def test_sentence_polarity(tmp_path):
    folder = tmp_path / "rt-polarity"
    folder.mkdir()
    with pytest.raises(DataError, match="in rt-polarity/ of the data folder"):
        load_polarity(tmp_path)
    (folder / "rt-polarity.neg").write_bytes("dull .\ncaf\xe9 \n".encode("latin-1"))
    (folder / "rt-polarity.pos").write_bytes(b"fine .\n")
    read = load_polarity(tmp_path)
    assert (read.texts, read.labels.tolist()) == (("dull .", "caf\xe9", "fine ."), [0, 0, 1])
    assert read.counts == "2 negative, 1 positive"
    (folder / "rt-polarity.neg").write_bytes("\ufeffdull .\ncaf\xe9 \n".encode())
    assert load_polarity(tmp_path).texts == read.texts
    (folder / "rt-polarity.pos").write_bytes(b"fine .\n\n \n")
    assert load_polarity(tmp_path).texts == read.texts
    (folder / "rt-polarity.pos").write_bytes(gzip.compress(b"fine .\n"))
    with pytest.raises(DataError, match="no text, but bytes of 0"):
        load_polarity(tmp_path)
    (folder / "rt-polarity.pos").write_bytes(b"fine .\n\ngood .\n")
    with pytest.raises(DataError, match="line 2 is blank"):
        load_polarity(tmp_path)
    (folder / "rt-polarity.pos").write_bytes(b"")
    with pytest.raises(DataError, match="an empty file"):
        load_polarity(tmp_path)


def test_parts_and_lone_classes():
    texts = of_classes([["a", "b"], ["c"]], ("no", "yes"))
    assert texts.part([2, 0]).texts == ("c", "a")
    for refused, error in [
        (lambda: texts.part([0, 1]), DataError),
        (lambda: texts.part([]), DataError),
        (lambda: of_classes([["a"]], ("no",)), DataError),
        (lambda: LabelledTexts(("a",), texts.labels, ("no", "yes")), ShapeError),
        (lambda: LabelledTexts(("a", "b", "c"), texts.labels + 1, ("no", "yes")), DataError),
    ]:
        with pytest.raises(error):
            refused()
