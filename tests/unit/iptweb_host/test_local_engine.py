"""Whether this machine has an engine with the image."""

import http.server
import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from iptweb.terminals.host.local_engine import find_engine, usual_sockets

IMAGE = "ipt/terminal-session:latest"


class Engine(http.server.BaseHTTPRequestHandler):
    """Has one image, and nothing else."""

    def do_GET(self) -> None:
        """Answer as an engine does."""
        has_it = self.path in {"/_ping", f"/images/{IMAGE.replace(':', '%3A')}/json"}
        self.send_response(200 if has_it else 404)
        self.end_headers()

    def address_string(self) -> str:
        """Say nothing of who asks."""
        return ""

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "engine.sock"
    with socketserver.UnixStreamServer(str(path), Engine) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield path
        server.shutdown()
        thread.join()


def test_engine_with_the_image_is_found(engine: Path, tmp_path: Path) -> None:
    """The first of the usual places that has the image is taken."""
    (tmp_path / "dead.sock").touch()
    places = [str(tmp_path / name) for name in ("none", "dead.sock", engine.name)]

    assert find_engine(image=IMAGE, sockets=places) == f"unix://{engine}"


def test_engine_without_the_image_is_none(engine: Path) -> None:
    """An engine that can't start a terminal does not count, unless it is demanded."""
    assert find_engine(image="other:latest", sockets=[str(engine)]) is None
    assert find_engine(sockets=[str(engine)]) == f"unix://{engine}"


def test_named_engine_is_the_only_one(engine: Path, tmp_path: Path) -> None:
    """Where the settings name an engine no other one is taken instead."""
    missing = f"unix://{tmp_path}/none"

    assert find_engine(f"unix://{engine}", IMAGE, sockets=[]) == f"unix://{engine}"
    assert find_engine(missing, IMAGE, sockets=[str(engine)]) is None


def test_engines_of_one_account_are_looked_for() -> None:
    """An engine that needs no root is found where its account has it."""
    places = usual_sockets(os.getuid())

    assert places[0] == "/run/docker.sock"
    assert len(usual_sockets(3_000_000_001)) == len(places) - 1
    assert f"/run/user/{os.getuid()}/podman/podman.sock" in places
    assert find_engine(image="no/such-image:at-all") is None


def test_something_else_is_no_engine(tmp_path: Path) -> None:
    """Whatever answers something else than HTTP is passed over."""

    class Rude(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"go away\n")

    path = tmp_path / "rude.sock"
    with socketserver.UnixStreamServer(str(path), Rude) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert find_engine(image=IMAGE, sockets=[str(path)]) is None
        thread.join()
