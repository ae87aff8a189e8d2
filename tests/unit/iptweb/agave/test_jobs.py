"""Searches for jobs and parts of their files, against canned HTTP answers."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from iptweb.agave import AgaveClient, Slice
from iptweb.errors import AgaveRefused, AgaveUnavailable
from iptweb.secret import Secret

SERVER = "http://127.0.0.1:8443"
LARGE = 64 * 1024 * 1024


@pytest.fixture(name="mock")
def _mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def connect(server: str = SERVER) -> AgaveClient:
    """Return a client."""
    return AgaveClient(server, Secret("user-token"), "user")


def test_find_jobs(mock: responses.RequestsMock) -> None:
    """Terms travel as they are, each of its values, with the page and the fields."""
    job = {"id": "1-007", "remoteQueue": {"ahead": 3}}
    mock.get(f"{SERVER}/jobs/v2/", json={"result": [job]})

    found = connect().find_jobs(
        {"name.like": ["*a&b*", "*c*"], "status.in": "FAILED"}, limit=21, offset=40
    )

    assert found == [job]
    query = parse_qs(urlsplit(str(mock.calls[0].request.url)).query)
    assert query.pop("filter")[0].startswith("id,name,owner,appId,status,")
    assert query == {
        "name.like": ["*a&b*", "*c*"],
        "status.in": ["FAILED"],
        "limit": ["21"],
        "offset": ["40"],
    }


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"result": {}}', b'{"result": ["x"]}']
)
def test_answer_that_is_none(mock: responses.RequestsMock, body: bytes) -> None:
    """What is no list of jobs is refused."""
    mock.get(f"{SERVER}/jobs/v2/", body=body)

    with pytest.raises(AgaveRefused) as caught:
        connect().find_jobs({}, limit=1)

    assert caught.value.upstream_status == 0


class Platform(http.server.BaseHTTPRequestHandler):
    """A platform with one large file; the path says how it sends it."""

    sent = 0

    def do_GET(self) -> None:
        """Send the file, or as much of it as the caller takes."""
        lying = "short" in self.path
        length = LARGE if not lying else LARGE + 1
        ranged = "ranged" in self.path
        self.send_response(206 if ranged else 200)
        if ranged:
            self.send_header("Content-Range", f"bytes 2-5/{LARGE}")
        self.send_header("Content-Length", str(4 if ranged and not lying else length))
        self.end_headers()
        try:
            if ranged:
                self.wfile.write(b"cdef"[: 2 if lying else 4])
                return
            for _ in range(LARGE // 65_536):
                self.wfile.write(b"abcdefgh" * 8192)
                type(self).sent += 65_536
        except OSError:
            # The caller has seen enough.
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(name="platform")
def _platform() -> Iterator[AgaveClient]:
    Platform.sent = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    client = connect(f"http://127.0.0.1:{server.server_port}")
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_part_of_a_large_file(platform: AgaveClient) -> None:
    """A platform that knows ranges sends the part alone."""
    assert platform.read_output("1-007", "ranged", 2, 4) == Slice(b"cdef", LARGE)


def test_no_more_is_read_than_asked(platform: AgaveClient) -> None:
    """Of a platform that sends everything only the beginning is taken."""
    assert platform.read_output("1-007", "whole", 2, 4) == Slice(b"cdef", LARGE)
    assert Platform.sent < LARGE / 2


def test_late_part(platform: AgaveClient) -> None:
    """A part far behind is found also where everything is sent."""
    offset = 1_000_000

    part = platform.read_output("1-007", "whole", offset, 70_000)

    assert part.data == (b"abcdefgh" * 8751)[offset % 8 :][:70_000]


def test_connection_breaks(platform: AgaveClient) -> None:
    """Half an answer is none, and may come whole a little later."""
    with pytest.raises(AgaveUnavailable):
        platform.read_output("1-007", "ranged-short", 2, 4)


def test_nothing_is_there(mock: responses.RequestsMock) -> None:
    """A refusal is told as one."""
    mock.get(f"{SERVER}/jobs/v2/1-007/outputs/media/a%20b/c", status=416)

    with pytest.raises(AgaveRefused) as caught:
        connect().read_output("1-007", "a b/c", 0, 1)

    assert caught.value.upstream_status == 416
