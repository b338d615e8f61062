"""A cache of the test's own, and a web server that stands for the mirrors of a data set."""

import functools
import http.server
import threading
import time
from contextlib import suppress

import pytest

from tests.data.mirror import Server


@pytest.fixture
def server():
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            content = state.files.get(self.path)
            self.send_response(404 if content is None else 200)
            claimed = len(content or b"") + (100 if self.path.startswith("/hangs-up/") else 0)
            self.send_header("Content-Length", str(claimed))
            self.end_headers()
            with suppress(ConnectionError):  # the other side was killed
                for start in range(0, len(content or b""), 4096):
                    self.wfile.write(content[start : start + 4096])
                    self.wfile.flush()
                    time.sleep(state.slow)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.port = running.server_port
        thread = threading.Thread(target=functools.partial(running.serve_forever, 0.01))
        thread.start()
        yield state
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XDL_DATA_DIR", raising=False)
    monkeypatch.delenv("XDL_OFFLINE", raising=False)
