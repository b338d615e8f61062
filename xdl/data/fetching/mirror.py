"""One file from one address: within its time, at most its size, and by redirects that can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from threading import Thread
from time import monotonic
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from xdl.data.fetching.sources import RemoteFile
from xdl.data.idx import is_web_page

SILENCE = 30  # seconds without a byte before the next mirror is asked
PATIENCE = 60  # seconds that an address may take in all, besides what its bytes take at the slowest rate
SLOWEST = 10_000  # bytes a second
REDIRECTS = 5  # addresses that may lead to another one
CHUNK = 1 << 16  # bytes


class UnavailableError(Exception):
    """Why an address does not give the file."""


def copy(url: str, out: BinaryIO, file: RemoteFile) -> str:
    """Copies what the address sends; returns what is wrong with it, "" if it is the published file.

    The time is bounded: PATIENCE and one second for every SLOWEST bytes that came. Raises OSError where `out` cannot
    be written; whatever else goes wrong is the address's fault, and told.
    """
    intake, ask = _Intake(out, file.size), _asking()
    try:
        _within_time(lambda: _follow(ask, url, intake), intake)
    except UnavailableError as reason:
        return str(reason)
    finally:
        intake.closed = True
    if is_web_page(intake.start):
        return "it sends a web page (HTML) instead"
    if intake.count < file.size:
        return f"it sends {intake.count} of {file.size} bytes"
    found = intake.digest.hexdigest()
    return "" if found == file.sha256 else f"it sends something else: SHA-256 {found}, published is {file.sha256}"


class _Intake:
    """A file that takes at most `limit` bytes and knows their digest. disk: what writing to it raised.

    closed: nobody waits for it any more. Writing then, or writing too much, raises UnavailableError.
    """

    def __init__(self, out: BinaryIO, limit: int) -> None:
        self.out, self.limit, self.closed = out, limit, False
        self.digest, self.count, self.start = sha256(), 0, b""
        self.disk: OSError | None = None

    def write(self, chunk: bytes) -> None:
        if self.closed:
            raise UnavailableError("it is too late")
        if self.count + len(chunk) > self.limit:
            raise UnavailableError(f"it sends more than the {self.limit} bytes of this file")
        self.count += len(chunk)
        self.digest.update(chunk)
        self.start = self.start or chunk[:256]
        try:
            self.out.write(chunk)
        except OSError as error:
            self.disk = error
            raise

    def flush(self) -> None:
        """Nothing waits here."""


def _within_time(work: Callable[[], None], intake: _Intake) -> None:
    """Runs the work in a thread of its own, and leaves it where it takes too long.

    A thread, since what drips may do so in names, handshakes and headers too, where nothing else can be stopped. One
    that is left writes nothing more, and ends with its connection or the program.
    """
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # told by the caller
            problems.append(error)

    thread, begun = Thread(target=run, daemon=True, name="xdl-download"), monotonic()
    thread.start()
    while thread.is_alive():
        left = begun + PATIENCE + intake.count / SLOWEST - monotonic()
        if left <= 0:
            raise UnavailableError(f"it is too slow: {intake.count} bytes in {monotonic() - begun:.0f} seconds")
        thread.join(min(left, 1.0))
    if intake.disk is not None:
        raise intake.disk
    for error in problems:
        if isinstance(error, UnavailableError) or not isinstance(error, Exception):
            raise error
        cause = _first_cause(error)
        text = f"{type(error).__name__}: {' '.join(str(cause).split())[:200]}"
        raise UnavailableError(text if text.isprintable() else ascii(text)) from error


def _follow(ask: Callable[[str, _Intake, None], None], url: str, intake: _Intake) -> None:
    """Asks the address, and those that it leads to."""
    for _ in range(REDIRECTS + 1):
        try:
            return ask(url, intake, None)
        except _MovedError as moved:
            target = urljoin(url, moved.location)
        old, new = urlsplit(url).scheme, urlsplit(target).scheme
        if new not in ("http", "https") or (old, new) == ("https", "http"):
            raise UnavailableError(f"it leads to {target[:200]!a}, which is no web address as safe as its own")
        url = target
    raise UnavailableError(f"it leads from one address to another, more than {REDIRECTS} times")


class _MovedError(Exception):
    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def _asking() -> Any:
    """What asks one address for its content: ask(url, intake, None). Raises _MovedError where it sends another address.

    The hook sees an answer before its content is read, however long the content of a redirect may be.
    """
    import pooch

    def look(response: Any, **_: Any) -> None:
        if response.is_redirect:
            response.close()
            raise _MovedError(response.headers["location"])

    how = {"headers": {"Accept-Encoding": "identity"}, "hooks": {"response": look}}
    return pooch.HTTPDownloader(chunk_size=CHUNK, timeout=SILENCE, **how)


def _first_cause(error: BaseException) -> BaseException:
    """What began it: the networking packages wrap it several times, each with all that was said before."""
    return error if error.__context__ is None else _first_cause(error.__context__)
