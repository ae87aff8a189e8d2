"""The result frame."""

import json
import socket
from pathlib import Path

import pytest

from iptweb.errors import ResultTooLarge
from iptweb.http import Response
from iptweb.runtime.results import MAX_FRAME, encode_frame, send_frame


def test_frame_is_json() -> None:
    """A frame is the answer as JSON, in UTF-8."""
    frame = encode_frame(Response({"name": "é"}, 201, {"A": "b"}))

    assert json.loads(frame) == {
        "status": 201,
        "headers": {"A": "b"},
        "body": {"name": "é"},
    }


def test_frame_limit_is_exact() -> None:
    """The largest frame passes, one byte more is refused, never cut."""
    overhead = len(encode_frame(Response("")))

    assert len(encode_frame(Response("x" * (MAX_FRAME - overhead)))) == MAX_FRAME
    with pytest.raises(ResultTooLarge):
        encode_frame(Response("x" * (MAX_FRAME - overhead + 1)))


def test_lone_surrogates_don_t_cost_the_answer() -> None:
    """A text that is no Unicode is replaced, not refused."""
    assert json.loads(encode_frame(Response("\ud800")))["body"] == "?"


def test_frame_travels_whole(tmp_path: Path) -> None:
    """A frame of the largest size arrives as one datagram."""
    path = tmp_path / "results.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        send_frame(b"x" * MAX_FRAME, path)

        assert len(server.recv(2 * MAX_FRAME)) == MAX_FRAME


def test_nobody_there(tmp_path: Path) -> None:
    """Without a socket there is an error, not a silent loss."""
    with pytest.raises(OSError, match="No such file"):
        send_frame(b"x", tmp_path / "nowhere")
