"""What both transports must do alike, and what only one of them can."""

import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from agave_local.lock import DataInUse
from agave_local.mock import mock_agave
from agave_local.testing import (
    LocalAgave,
    in_process_agave,
    served_agave,
)
from agave_local.transports.served import CannotListen, is_loopback, listen

NOTE = b'{"name": "note", "value": "text"}'


def _chunks() -> Iterator[bytes]:
    yield NOTE[:10]
    yield NOTE[10:]


@pytest.mark.parametrize(
    "make_body",
    [lambda: NOTE, NOTE.decode, lambda: io.BytesIO(NOTE), _chunks],
    ids=["bytes", "text", "file", "stream"],
)
def test_every_kind_of_body(agave: LocalAgave, make_body: Any) -> None:
    """A body arrives whole, however `requests` was given it."""
    answer = agave.client("anna").post("/meta/v2/data", data=make_body())

    assert answer.status_code == 201
    assert answer.json()["result"]["value"] == "text"


def test_escaped_paths(agave: LocalAgave) -> None:
    """Escapes in an address are undone once."""
    answer = agave.client("anna").get("/profiles/v2/a%20%C3%A4%2525")

    assert answer.json()["message"] == "There is no user a ä%25."


@pytest.mark.parametrize("path", ["//meta//v2/data", "/meta/v2/data/", "/meta/v2/data"])
def test_slashes(agave: LocalAgave, path: str) -> None:
    """Slashes too many, and one at the end, make no difference."""
    assert agave.client("anna").get(f"{agave.base_url}{path}").ok


def test_unknown_address(agave: LocalAgave) -> None:
    """An unknown address, and a wrong method, are told in the envelope."""
    anna = agave.client("anna")

    unknown, wrong = anna.get("/nothing/v2"), anna.put("/meta/v2/data")

    assert (unknown.status_code, wrong.status_code) == (404, 405)
    assert "error" == unknown.json()["status"] == wrong.json()["status"]
    assert wrong.json()["message"] == "PUT is not allowed here."
    assert unknown.json()["version"]


def test_head(agave: LocalAgave) -> None:
    """HEAD is answered like GET, without a body."""
    answer = agave.client("anna").head("/profiles/v2/me")

    assert answer.status_code == 200
    assert answer.content == b""


def test_browsers_of_other_origins(agave: LocalAgave) -> None:
    """A page of another origin may call the services, but not the token endpoint."""
    anonymous = agave.anonymous()

    asked = anonymous.options("/meta/v2/data")
    token = anonymous.options("/token")

    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in token.headers


def test_forms_with_too_much(agave: LocalAgave) -> None:
    """A form field that is too large is refused, not a failure."""
    answer = agave.client("anna").post(
        "/meta/v2/data", files={"name": (None, "x" * 2**20)}
    )

    assert answer.status_code == 413


def test_log_holds_no_secret(
    agave: LocalAgave, caplog: pytest.LogCaptureFixture
) -> None:
    """A line of the log says who did what and how long it took; no query, no token."""
    caplog.set_level("INFO", "agave_local")
    anna = agave.client("anna")

    anna.get("/profiles/v2/a%0Ab?secret=in-the-query")

    line = caplog.messages[-1]
    assert line.startswith("GET /profiles/v2/a%0Ab 404 ")
    assert line.endswith(" ms anna")
    assert anna.token not in caplog.text
    assert "in-the-query" not in caplog.text


def test_many_callers_at_once(agave: LocalAgave) -> None:
    """Calls from many threads are all answered, and none is lost."""
    anna = agave.client("anna")
    statuses: list[int] = []

    def add(number: int) -> None:
        caller = agave.client("anna")
        for place in range(5):
            body = {"name": f"n{number}-{place}", "value": place}
            statuses.append(caller.post("/meta/v2/data", json=body).status_code)
        agave.tenant.store.close()

    threads = [threading.Thread(target=add, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [201] * 60
    assert len(anna.get("/meta/v2/data").json()["result"]) == 60


def test_data_belong_to_one_tenant(agave: LocalAgave) -> None:
    """A second tenant on the same folder is refused."""
    data = agave.tenant.settings.data

    with pytest.raises(DataInUse), mock_agave("https://other.test", data=data):
        pass
    with pytest.raises(DataInUse), served_agave(data):
        pass


def test_records_survive(transport: str, tmp_path: Path) -> None:
    """What was accepted is there after a stop and a start."""
    run = served_agave if transport == "served" else in_process_agave
    with run(tmp_path) as agave:
        agave.client("anna").post("/meta/v2/data", data=NOTE)

    with run(tmp_path) as agave:
        found = agave.client("anna").get("/meta/v2/data").json()["result"]

    assert [record["name"] for record in found] == ["note"]


def test_mock_fails_closed() -> None:
    """While the mock is on, a call to any other host is an error."""
    with mock_agave(), pytest.raises(requests.ConnectionError):
        requests.get("https://elsewhere.example.org/", timeout=5)


def test_mock_with_a_path_and_a_port() -> None:
    """The mock's base address may have a port and a path."""
    with mock_agave(base_url="http://localhost:8080/agave") as agave:
        answer = requests.get("http://localhost:8080/agave/health", timeout=5)
        with pytest.raises(requests.ConnectionError):
            requests.get("http://localhost:8080/agavex", timeout=5)

    assert answer.ok
    assert agave.base_url == "http://localhost:8080/agave"


def test_mock_is_a_decorator() -> None:
    """The mock decorates a function, and each call has a tenant of its own."""

    @mock_agave()
    def ask() -> int:
        return requests.get("https://agave.test/health", timeout=5).status_code

    assert [ask(), ask()] == [200, 200]


def test_taken_port() -> None:
    """A port that is taken is told in one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotListen, match=f"Port {port} on 127.0.0.1 is taken"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port"), [("nowhere", 0), ("192.0.2.1", 0), ("::1", 99999)]
)
def test_bad_address(host: str, port: int) -> None:
    """An address that cannot be listened at is told."""
    with pytest.raises(CannotListen, match=host):
        listen(host, port)


def test_loopback() -> None:
    """Only this machine reaches a loopback address."""
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - only asked about
    assert not is_loopback("example.org")
