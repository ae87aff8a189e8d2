"""The façade of the docker SDK, as far as it needs no engine."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agave_local.engines.names import is_reference
from agave_local.services.actors.runner.container_engine import (
    EngineDown,
    EngineRefused,
    NotThere,
    Order,
    Usage,
)
from agave_local.services.actors.runner.docker_api import DockerEngine

PULL = "/images/create?tag=latest&fromImage=far"


@pytest.mark.parametrize(
    "name",
    [
        *("a", "user/image", "user/image:1.0", "localhost/a", "reg.example:5000/a/b:t"),
        f"a@sha256:{'0' * 64}",
        f"a/b:1@sha256:{'f' * 64}",
    ],
)
def test_names_of_images(name: str) -> None:
    """What docker takes for an image's name is one."""
    assert is_reference(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "A", "a b", "a?x=1", "../containers/x", "a/../../b", "a//b", "a\n"),
        *("a%2e", "-a", "a:", "a@sha256:1", "a" * 600, "http://a/b", "é", "a\0"),
    ],
)
def test_what_is_no_name(name: str) -> None:
    """Anything else never reaches the engine's API."""
    engine = DockerEngine("unix:///nowhere.sock")

    assert not is_reference(name)
    assert not engine.has(name)
    with pytest.raises(NotThere):
        engine.pull(name)


def test_no_engine(tmp_path: Path) -> None:
    """An engine that is not there is down."""
    with pytest.raises(EngineDown):
        DockerEngine(f"unix://{tmp_path}/none.sock").has("a")
    with pytest.raises(EngineDown):
        DockerEngine("tcp://127.0.0.1:1").has("a")


class Api:
    """An engine's API that gives prepared answers.

    Attributes:
        answers: status and body by method and path, without the version.
        asked: method, path and body of each request.
    """

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {
            "GET /version": (200, {"ApiVersion": "1.41"})
        }
        self.asked: list[tuple[str, Any]] = []
        self.url = ""


@pytest.fixture(name="api")
def _api() -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            path = self.path.removeprefix("/v1.41")
            asked = f"{self.command} {path}"
            size = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(size)
            api.asked.append((asked, json.loads(body) if body else None))
            status, answer = api.answers.get(asked, (404, {"message": "not there"}))
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - names of http.server

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    api.url = f"tcp://127.0.0.1:{server.server_port}"
    yield api
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(name="engine")
def _engine(api: Api) -> DockerEngine:
    return DockerEngine(api.url)


def test_pull(api: Api, engine: DockerEngine) -> None:
    """A pull asks for one tag, and fails where the stream says so."""
    api.answers[f"POST {PULL}"] = (200, {"status": "done"})
    engine.pull("far")
    api.answers[f"POST {PULL}"] = (200, {"error": "no such host"})
    with pytest.raises(EngineRefused, match="no such host"):
        engine.pull("far")

    tagged = "POST /images/create?tag=2&fromImage=host%3A5%2Ffar"
    api.answers[tagged] = (200, {"status": "done"})
    engine.pull("host:5/far:2")

    assert tagged in [asked for asked, _ in api.asked]


def test_create(api: Api, engine: DockerEngine) -> None:
    """An order becomes what docker's API calls it."""
    api.answers["POST /containers/create"] = (201, {"Id": "c"})

    made = engine.create(
        Order(
            "i",
            {"A": "b=c", "E": ""},
            {"label": "x"},
            cpus=5,
            file_size=7,
            network="host",
            hosts={"me": "10.0.0.1"},
            user="1:2",
            privileged=True,
        )
    )

    assert made == "c"
    (body,) = [body for _, body in api.asked if body]
    assert body["Env"] == ["A=b=c", "E="]
    assert (body["User"], body["Labels"]) == ("1:2", {"label": "x"})
    assert "Cmd" not in body
    config = body["HostConfig"]
    assert config["NanoCpus"] == 5
    assert config["Ulimits"] == [{"Name": "fsize", "Soft": 7, "Hard": 7}]
    assert config["ExtraHosts"] == ["me:10.0.0.1"]
    assert (config["NetworkMode"], config["Privileged"]) == ("host", True)
    assert config["LogConfig"] == {"Type": "none", "Config": {}}
    assert "Memory" not in config


def test_state(api: Api, engine: DockerEngine) -> None:
    """A state has the fields of the contract, and times in milliseconds."""
    stamp = "2026-11-22T18:12:33.956123456Z"
    state = {"Status": "stopped", "StartedAt": stamp, "Health": {}, "Running": False}
    api.answers["GET /containers/c/json"] = (200, {"State": state})

    shown = engine.state("c")

    assert shown["Status"] == "exited"
    assert shown["StartedAt"] == "2026-11-22T18:12:33.956Z"
    assert set(shown) == {
        *("Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid"),
        *("ExitCode", "Error", "StartedAt", "FinishedAt"),
    }


@pytest.mark.parametrize(
    ("stats", "usage"),
    [
        (
            {
                "cpu_stats": {"cpu_usage": {"total_usage": 9}},
                "networks": {"eth0": {"rx_bytes": 1, "tx_bytes": 2}, "lo": {}},
                "blkio_stats": {
                    "io_service_bytes_recursive": [
                        {"op": "Read", "value": 4},
                        {"op": "write", "value": 8},
                        {"op": "Total", "value": 12},
                    ]
                },
            },
            Usage(9, 15),
        ),
        ({"blkio_stats": {"io_service_bytes_recursive": None}}, Usage()),
        (b"", None),
    ],
)
def test_usage(api: Api, engine: DockerEngine, stats: Any, usage: Usage | None) -> None:
    """What a container took is its processor time, and what it moved."""
    api.answers["GET /containers/c/stats?stream=False"] = (200, stats)

    assert engine.usage("c") == usage


@pytest.mark.parametrize(
    ("networks", "gateway"),
    [
        (
            [
                {"Name": "other", "IPAM": {"Config": [{"Gateway": "10.1.0.1"}]}},
                {"Name": "bridge", "IPAM": {"Config": [{}, {"Gateway": "10.2.0.1"}]}},
            ],
            "10.2.0.1",
        ),
        ([{"Name": "podman", "IPAM": {"Config": None}}], None),
        ([{"Name": "bridge", "IPAM": None}], None),
        ([], None),
    ],
)
def test_gateway(
    api: Api, engine: DockerEngine, networks: Any, gateway: str | None
) -> None:
    """The address of this machine is that of the default network's gateway."""
    api.answers["GET /networks?filters=%7B%7D"] = (200, networks)

    assert engine.gateway() == gateway


def test_what_is_gone(api: Api, engine: DockerEngine) -> None:
    """Ending or removing what is gone is no failure; anything else is one."""
    engine.kill("c")
    engine.remove("c")
    with pytest.raises(NotThere):
        engine.start("c")
    with pytest.raises(NotThere):
        engine.attach("c")
    assert not engine.has("a")

    api.answers["DELETE /containers/c?v=True&link=False&force=True"] = (500, {})
    with pytest.raises(EngineRefused):
        engine.remove("c")


def test_what_is_no_engine(api: Api, engine: DockerEngine) -> None:
    """What answers something else is no engine."""
    api.answers["GET /version"] = (200, b"hello")

    with pytest.raises(EngineDown):
        engine.labelled("a=b")


def test_parts_of_an_output(tmp_path: Path) -> None:
    """Output in parts, however they arrive, is put together without their heads."""
    parts = b"".join(
        struct.pack("!BxxxL", stream, len(text)) + text
        for stream, text in ((1, b"out"), (2, b""), (2, b"error\n"), (1, b"x" * 9))
    )
    address = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        started = threading.Event()
        serving = threading.Thread(
            target=_serve_output, args=[listener, parts, started]
        )
        serving.start()

        output = DockerEngine(f"unix://{address}").attach("c")
        read = output.read()
        assert read == b""
        started.set()
        while (data := output.read()) is not None:
            read += data
        output.close()
        serving.join()

    assert read == b"outerror\n" + b"x" * 9


def _serve_output(
    listener: socket.socket, parts: bytes, started: threading.Event
) -> None:
    """Answer a knock, a question for the version, and then an attachment."""
    version = json.dumps({"ApiVersion": "1.41"}).encode()
    for body in (None, version, b""):
        connection, _ = listener.accept()
        with connection:
            if body is None:
                continue
            connection.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            if not body:
                head = "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"
            connection.sendall(head.encode() + body)
            if not body:
                started.wait(20)
                for byte in parts:
                    connection.sendall(bytes([byte]))
