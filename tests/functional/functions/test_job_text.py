"""The function `jobs`: what a job prints, piece by piece."""

from typing import Any

import pytest

from functions.jobs.app import app
from iptweb.testing import FakeTenant, FunctionClient
from iptweb.testing.tenant import refused


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def submit(client: FunctionClient, **changes: Any) -> str:
    """Submit a job and return its id."""
    document = {"name": "ipt-compile-request-1", "appId": "ipt-build-local-0.1.0"}
    job = client.tenant.as_user("ada").submit_job(document)
    client.tenant.jobs[job["id"]].update(changes)
    return str(job["id"])


def finish(client: FunctionClient, job_id: str, **files: bytes) -> None:
    """End a job with output files; a double underscore stands for a dot."""
    client.tenant.jobs[job_id]["status"] = "FINISHED"
    client.tenant.outputs[job_id] = {n.replace("__", "."): d for n, d in files.items()}


def read_all(client: FunctionClient, job_id: str, stream: str = "out") -> str:
    """Read a stream to its end, as the site does."""
    text, offset, done = "", 0, False
    while not done:
        body = client.get(f"/jobs/{job_id}/text", stream=stream, offset=offset).body
        assert body["offset"] == offset
        assert body["next_offset"] > offset or body["done"]
        text, offset, done = text + body["text"], body["next_offset"], body["done"]
    return text


@pytest.mark.parametrize(
    "text",
    [
        "hello\n",
        "",
        "é" * 70_000,
        "\x1b[0m" * 60_000,
        "\U0001f600" * 40_000,
        "a" * 65_536,
    ],
)
def test_text_is_read_whole(client: FunctionClient, text: str) -> None:
    """Piece by piece the text comes whole: no character is cut, none comes twice."""
    job_id = submit(client)
    finish(client, job_id, ipt__out=text.encode(), ipt__err=b"oops")

    assert read_all(client, job_id) == text
    assert read_all(client, job_id, "err") == "oops"


def test_text_that_is_none(client: FunctionClient) -> None:
    """Bytes that are no text are replaced, and reading comes to an end."""
    job_id = submit(client)
    finish(client, job_id, ipt__out=b"\xff\xfe" * 40_000 + b"\xe2\x82")

    assert set(read_all(client, job_id)) == {"\ufffd"}


def test_text_of_a_running_job(client: FunctionClient) -> None:
    """While a job runs its text grows, and half a character waits."""
    job_id = submit(client, status="RUNNING")
    path = f"/jobs/{job_id}/text"

    assert client.get(path).body == {
        "text": "",
        "offset": 0,
        "next_offset": 0,
        "size": 0,
        "done": False,
    }
    client.tenant.outputs[job_id] = {"ipt-x.out": "5 €".encode()[:-1]}
    body = client.get(path).body
    assert (body["text"], body["next_offset"], body["done"]) == ("5 ", 2, False)
    client.tenant.outputs[job_id] = {"ipt-x.out": "5 €".encode()}
    body = client.get(path, offset=2).body
    assert (body["text"], body["next_offset"], body["size"]) == ("€", 5, 5)
    assert client.get(path, offset=5).body["text"] == ""


def test_text_from_near_the_end(client: FunctionClient) -> None:
    """The end of a long text is read without its beginning, and is then followed."""
    job_id = submit(client, status="RUNNING")
    text = "a" * 1_000_000 + "€" * 10
    client.tenant.outputs[job_id] = {"ipt-compile-request-1.out": text.encode()}
    client.tenant.calls.clear()

    body = client.get(f"/jobs/{job_id}/text", from_end=8).body

    assert (body["text"], body["offset"], body["size"]) == ("€€", 1_000_024, 1_000_030)
    assert body["next_offset"] == 1_000_030
    assert "list_outputs" not in client.tenant.calls
    whole = client.get(f"/jobs/{job_id}/text", from_end=2**50).body
    assert (whole["offset"], whole["next_offset"]) == (0, 65_536)


def test_end_of_nothing(client: FunctionClient) -> None:
    """A job that printed nothing has no end of it either."""
    job_id = submit(client)

    assert client.get(f"/jobs/{job_id}/text", from_end=8).body["text"] == ""
    finish(client, job_id, ipt__out=b"")
    body = client.get(f"/jobs/{job_id}/text", from_end=8).body
    assert (body["text"], body["next_offset"], body["done"]) == ("", 0, True)


def test_stream_is_the_job_s_own(client: FunctionClient) -> None:
    """A file that the program wrote is not taken for what it printed."""
    job_id = submit(client)
    finish(client, job_id, a__out=b"mine", **{"ipt-compile-request-1-1__out": b"it"})

    assert read_all(client, job_id) == "it"


@pytest.mark.parametrize(
    ("status", "expected"), [(404, (200, "")), (403, (502, "upstream_refused"))]
)
def test_text_can_t_be_read(
    client: FunctionClient, status: int, expected: tuple[int, str]
) -> None:
    """A file that went away is empty; a refusal is told."""
    job_id = submit(client)
    finish(client, job_id, ipt__out=b"x")
    client.tenant.failures["read_output"] = refused("jobs", status)

    answer = client.get(f"/jobs/{job_id}/text")

    assert (answer.status, answer.code) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"stream": "both"},
        {"offset": "-1"},
        {"from_end": "x"},
        {"from_end": 5, "offset": 1},
    ],
)
def test_text_refusals(client: FunctionClient, query: dict[str, Any]) -> None:
    """A bad query is refused by name."""
    answer = client.get(f"/jobs/{submit(client)}/text", **query)

    assert answer.field == next(iter(query))
