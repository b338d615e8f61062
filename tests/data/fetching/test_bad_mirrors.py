"""Mirrors that drip, lead astray or send nonsense are left for the next one, and the error says why for each."""

import gzip
import re
import socketserver
import threading
import time
from contextlib import suppress

import pytest

from tests.data.mirror import CONTENT, in_cache, source
from xdl.data.fetching import mirror
from xdl.data.fetching.download import fetch
from xdl.data.fetching.sources import RemoteFile, Source
from xdl.errors import DataError

pytestmark = pytest.mark.usefixtures("cache")
BODY = CONTENT["images.gz"]


def drip(send, end, first=b""):
    send(first)
    while not end.wait(0.03):
        send(b"x")


def flood(send, end, first, piece):
    send(first)
    while not end.is_set():
        send(piece * 1000)


def answer(*headers, status="200 OK", body=BODY):
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1") + body


def moved(location, status="302 Found"):
    return answer(f"Location: {location}", status=status, body=b"")


SIZED = f"Content-Length: {len(BODY)}"
BAD = {  # what is sent, and what the error says about it
    "drips content": (lambda send, end: drip(send, end, answer(SIZED, body=b"")), r"too slow: \d+ bytes in"),
    "drips headers": (lambda send, end: drip(send, end, b"HTTP/1.1 200 OK\r\nX-Long: "), "too slow: 0 bytes in"),
    "drips a status": (drip, "too slow"),
    "is silent": (lambda _, end: end.wait(5), "too slow"),
    "endless headers": (lambda send, end: flood(send, end, b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), "100 headers"),
    "endless header": (lambda send, end: flood(send, end, b"HTTP/1.1 200 OK\r\nX-A: ", b"aaaaaaaa"), "65536 bytes"),
    "endless content": (lambda send, end: flood(send, end, b"HTTP/1.1 200 OK\r\n\r\n", BODY), "more than the 102400"),
    "endless redirect": (lambda send, end: flood(send, end, moved("/other/images.gz"), BODY), "404"),
    "endless error": (lambda send, end: flood(send, end, answer(status="500 No", body=b""), BODY), "500"),
    "nothing": (b"", "without response|Connection aborted|Remote"),
    "a garbage status": (b"\x00\xff\x00 garbage\r\n\r\n", "garbage|Status"),
    "a status of letters": (b"HTTP/1.1 abc OK\r\n\r\n", "abc"),
    "a length of letters": (answer("Content-Length: abc"), "abc"),
    "a negative length": (answer("Content-Length: -5", body=b""), "0 of 102400|Error"),
    "two lengths": (answer("Content-Length: 5", "Content-Length: 7"), "5|Error"),
    "too short a length": (answer("Content-Length: 5"), "5 of 102400 bytes"),
    "too long a length": (answer("Content-Length: 999999"), "Error"),
    "garbage chunks": (answer("Transfer-Encoding: chunked", body=b"zz\r\nabc"), "Error"),
    "no gzip": (answer("Content-Encoding: gzip", SIZED), "Error"),
    "a bomb": (answer("Content-Encoding: gzip", body=gzip.compress(bytes(10**8))), "more than the 102400 bytes"),
    "a loop": (moved("images.gz"), "from one address to another, more than 5 times"),
    "a file": (moved("file:///etc/hostname"), "'file:///etc/hostname', which is no web address"),
    "ftp": (moved("ftp://127.0.0.1/images.gz"), "no web address"),
    "a script": (moved("javascript:alert(1)"), "no web address"),
    "a location that is none": (moved("http://[::1/images.gz"), "Error"),
    "a host that is none": (moved("http://" + "a" * 80 + "/x"), "Error"),
    "an empty host": (moved("http:///images.gz"), "Error|404|no web"),
    "a port that is none": (moved("http://127.0.0.1:99999999/x"), "InvalidURL"),
    "control characters": (moved("http://127.0.0.1:9/\x1b[31m\x07"), "Error"),
    "not modified": (answer(status="304 Not Modified", body=b""), "0 of 102400 bytes"),
}


@pytest.fixture
def raw():
    """A server that sends bytes as they are: /NAME/images.gz what BAD has under the name."""
    end = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.settimeout(5)
            with suppress(OSError):
                asked = self.request.recv(4096).split()[1].decode()
                what = BAD.get(asked.split("/")[1].replace("%20", " "), [answer(status="404 No", body=b"")])[0]
                self.request.sendall(what) if isinstance(what, bytes) else what(self.request.sendall, end)

    class Running(socketserver.ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

    with Running(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running.server_address[1]
        end.set()
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("name", BAD)
def test_it_is_left_for_the_next_mirror(server, raw, name, monkeypatch):
    monkeypatch.setattr(mirror, "PATIENCE", 0.3 if "too slow" in BAD[name][1] else 20)
    wanted = source(server, "good")
    bad = f"http://127.0.0.1:{raw}/{name.replace(' ', '%20')}/"
    begun, lines = time.monotonic(), []

    def say(line):
        lines.append(line)
        if len(lines) == 2:  # the bad one is over
            monkeypatch.setattr(mirror, "PATIENCE", 20)

    fetch(Source("mnist", "", "", wanted.files[:1], (bad, *wanted.mirrors)), say=say)
    assert in_cache() == {"images.gz": BODY}
    assert time.monotonic() - begun < 10
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)


def test_the_error_lists_every_mirror_and_why(raw, server, monkeypatch):
    monkeypatch.setattr(mirror, "PATIENCE", 1.0)
    names = [name for name in BAD if "endless" not in name and "drips" not in name]
    mirrors = tuple(f"http://127.0.0.1:{raw}/{name.replace(' ', '%20')}/" for name in names)
    file = source(server, "good").files[0]
    with pytest.raises(DataError, match=rf"images\.gz from one of {len(mirrors)} mirrors") as caught:
        fetch(Source("mnist", "", "", (file,), mirrors), say=lambda _: None)
    told = str(caught.value.found).split("; http")
    for one, name in zip(told, names, strict=True):
        assert f"/{name.replace(' ', '%20')}/: " in one
        assert re.search(BAD[name][1], one)


def test_a_redirect_to_the_file_is_followed(server, raw, monkeypatch):
    wanted = source(server, "good")
    for status in ("301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"):
        monkeypatch.setitem(BAD, "moved", (moved(server.url("good") + "images.gz", status), ""))
        fetch(Source("mnist", "", "", wanted.files[:1], (f"http://127.0.0.1:{raw}/moved/",)), say=lambda _: None)
        assert in_cache().pop("images.gz") == BODY


def test_a_redirect_never_gives_up_encryption(monkeypatch, tmp_path):
    asked = []

    def ask(url, *_):
        asked.append(url)
        raise mirror._MovedError("http://127.0.0.1/images.gz")

    monkeypatch.setattr(mirror, "_asking", lambda: ask)
    with open(tmp_path / "out", "wb") as out:
        problem = mirror.copy("https://127.0.0.1/images.gz", out, RemoteFile("images.gz", 5, "", "images"))
    assert "no web address as safe as its own" in problem
    assert asked == ["https://127.0.0.1/images.gz"]


def test_a_mirror_has_time_for_what_it_sends(server, monkeypatch):
    """One that sends at a bearable rate may take longer than PATIENCE."""
    server.slow = 0.02  # 4096 bytes in that time
    monkeypatch.setattr(mirror, "PATIENCE", 0.4)
    monkeypatch.setattr(mirror, "CHUNK", 4096)
    wanted = source(server, "good")
    begun = time.monotonic()
    fetch(Source("mnist", "", "", wanted.files[:1], wanted.mirrors), say=lambda _: None)
    assert time.monotonic() - begun > 0.45
