"""The one way into a function."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from iptweb.http import App, Response
from iptweb.logs import Log
from iptweb.runtime import Call, Platform, inline, run, warm
from iptweb.testing import FunctionClient

app: App[Call] = App("sample")


@app.route("/echo", methods=["POST"])
def echo(call: Call) -> dict[str, Any]:
    """Return the body."""
    return dict(call.request.body)


@app.route("/made", methods=["POST"], status=201)
def made(call: Call) -> Response:
    """Return a response."""
    return Response({"user": call.username}, 201)


@app.route("/bug")
def bug(call: Call) -> None:
    """Fail, with a secret in the message."""
    raise RuntimeError(f"secret {call.request.query}")


@app.route("/odd")
def odd(call: Call) -> dict[str, Any]:
    """Return what JSON can't say."""
    return {"call": call}


@app.route("/big")
def big(call: Call) -> str:
    """Return more than fits."""
    return "x" * 200_000 + call.username


def test_body_and_response() -> None:
    """A view may return a body or a whole response."""
    client = FunctionClient(app)

    assert client.post("/echo", a=1).body == {"a": 1}
    answer = client.post("/made")
    assert (answer.status, answer.body, answer.exit_code) == (201, {"user": "ada"}, 0)


def test_bug_shows_nothing() -> None:
    """An unknown error is a 500 with the request id, and the log has no values."""
    client = FunctionClient(app)

    answer = client.get("/bug", a="hunter22")

    assert answer.status == 500
    assert answer.body["error"] == {
        "code": "internal",
        "message": answer.message,
        "details": {},
        "request_id": "execution-1",
    }
    assert "RuntimeError" in client.log_text
    assert "hunter22" not in client.log_text
    assert answer.exit_code == 0


def test_what_json_can_t_say_is_a_bug() -> None:
    """A body that can't be sent is a 500, not a crash."""
    assert FunctionClient(app).get("/odd").status == 500


def test_too_large_is_refused() -> None:
    """An answer over the frame limit is refused whole."""
    answer = FunctionClient(app).get("/big")

    assert (answer.status, answer.code) == (413, "payload_too_large")


def test_caller_must_be_a_user() -> None:
    """A call by something that is no user is refused where a user is needed."""
    assert FunctionClient(app, username="Abaco Event").post("/made").status == 401


def test_query_of_the_post_changes_nothing() -> None:
    """Variables that a caller adds to the environment don't reach the function."""
    client = FunctionClient(app)

    answer = client.send("{'path': '/bug'}", HTTP_PROXY="http://evil", _abaco_x="1")

    assert answer.status == 500


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"_abaco_api_server": "file:///etc"},
        {"_abaco_api_server": "https://x", "_actor_configs": "("},
    ],
)
def test_broken_platform(environ: dict[str, str]) -> None:
    """Without what the platform must give, the answer says so."""
    frames: list[bytes] = []
    deliver = inline(app)

    assert deliver(environ, frames.append) == 0
    assert json.loads(frames[0])["status"] == 500


def test_undelivered_answer_is_a_failure() -> None:
    """Only a frame that nobody took ends with another exit code."""

    def deliver(frame: bytes, path: Path) -> None:
        raise ConnectionRefusedError(len(frame), str(path))

    stream = io.StringIO()

    assert run(app, {}, Platform(), Log(stream), deliver=deliver) == 1
    assert "undelivered" in stream.getvalue()


def test_tokens_stay_out_of_the_log() -> None:
    """Neither the user's nor the service's token is ever logged."""
    client = FunctionClient(app)
    client.post("/made")
    client.get("/nope")

    for token in client.tenant.tokens:
        assert token not in client.log_text


def test_warm_is_repeatable() -> None:
    """Warming up twice does no harm."""
    warm("https://tenant.test")
    warm("https://tenant.test")
