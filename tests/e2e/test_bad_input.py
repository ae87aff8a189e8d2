"""Bad input gets a clear error at the place it was made, and nothing is lost."""

import json
import time
from typing import Any

import pytest
import requests

pytestmark = pytest.mark.needs("bubblewrap", "gcc")


def error_of(frame: dict[str, Any]) -> tuple[int, str]:
    """Return the status and the code of an error frame."""
    return frame["status"], frame["body"]["error"]["code"]


@pytest.fixture(name="ada")
def _ada(stack: Any) -> Any:
    return stack.user("ada")


def test_a_wrong_password_is_refused_with_a_sentence(stack: Any) -> None:
    """The sign-in page shows the error beside the form and keeps the name."""
    answer = requests.get(f"{stack.url}/clients/v2", auth=("ada", "not-it"), timeout=30)

    assert answer.status_code == 401


@pytest.mark.parametrize("token", ["garbage", "a" * 5000, "x y", "\u00e9"])
def test_a_garbage_token_is_refused(stack: Any, token: str) -> None:
    """A token that nobody issued gets the gateway's fault."""
    answer = requests.post(
        f"{stack.url}/actors/v2/dev-webterm/messages",
        headers={"Authorization": f"Bearer {token}".encode()},
        json={"path": "/webterm"},
        timeout=30,
    )

    assert answer.status_code in {400, 401}
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"path": "/nowhere"}, (404, "not_found")),
        ({"path": 7}, (400, "bad_request")),
        ({"method": "DELETE", "path": "/webterm"}, (405, "method_not_allowed")),
        ({"path": "/webterm", "query": "a=b"}, (400, "bad_request")),
        ([1, 2], (400, "bad_request")),
    ],
)
def test_a_wrong_message_is_refused(
    ada: Any, message: Any, expected: tuple[int, str]
) -> None:
    """Unknown paths, wrong methods and wrong types each have their code."""
    assert error_of(ada.post("webterm", message)) == expected


def test_a_message_that_is_not_json_is_refused(stack: Any, ada: Any) -> None:
    """Text that is no JSON never reaches a function as something else."""
    answer = requests.post(
        f"{stack.url}/actors/v2/dev-webterm/messages",
        params={"_abaco_synchronous": "true"},
        headers=ada.headers,
        data={"message": "START; rm -rf /"},
        timeout=30,
    )

    assert error_of(answer.json()) == (400, "bad_request")


@pytest.mark.parametrize(
    "name", ["grace", "../grace", "a;reboot", "x" * 300, "Ada", "", 7, None]
)
def test_a_hostile_user_name_is_refused(ada: Any, name: Any) -> None:
    """Only an administrator may name somebody else, and nobody a path."""
    frame = ada.post("terminal", {"command": "STOP", "user_name": name})

    assert frame["status"] in {400, 403} or name in {None, ""}


@pytest.mark.parametrize(
    "path", ["../grace", "a/../../grace", "/etc/passwd", "a\0b", "a\nb", "//etc"]
)
def test_a_path_out_of_the_home_is_refused(ada: Any, path: str) -> None:
    """`..`, NUL, control characters and foreign absolute paths are no paths."""
    frame = ada.send("files", "GET", "/files", query={"path": path})

    assert error_of(frame) == (400, "bad_request")


@pytest.mark.parametrize(
    "command", ["gcc; id", "gcc $(id)", "gcc\nid", "gcc `id`", "gcc | tee x"]
)
def test_a_compile_command_with_shell_in_it_is_refused(ada: Any, command: str) -> None:
    """The field is named, and nothing is submitted."""
    before = len(ada.ask("jobs", "GET", "/jobs")["jobs"])

    frame = ada.send(
        "job-submit",
        "POST",
        "/jobs",
        {
            "kind": "compile",
            "request_id": f"shell-{time.time_ns()}",
            "system": "local",
            "command": command,
            "source": "heat.c",
            "output": "heat",
        },
    )

    assert frame["status"] == 400, json.dumps(frame)
    assert frame["body"]["error"]["details"]["field"] == "command"
    assert before == len(ada.ask("jobs", "GET", "/jobs")["jobs"])


def test_a_program_that_does_not_compile_fails_with_the_diagnostics(ada: Any) -> None:
    """The job FAILS, and its standard error says where."""
    ada.upload("broken.c", b"int main(void) { return x; }\n")

    job = ada.ask(
        "job-submit",
        "POST",
        "/jobs",
        {
            "kind": "compile",
            "request_id": f"broken-{time.time_ns()}",
            "system": "local",
            "command": "gcc",
            "source": "broken.c",
            "output": "broken",
        },
    )
    detail = ada.wait_for_job(job["id"])

    assert detail["status"] == "FAILED"
    assert detail["message"]
    text = ada.ask("jobs", "GET", f"/jobs/{job['id']}/text", query={"stream": "err"})
    assert "broken.c:1" in text["text"]


def test_a_job_that_runs_past_its_time_is_ended(ada: Any) -> None:
    """It FAILS with the time in its message, not silently."""
    ada.upload("forever.c", b"int main(void) { for (volatile int i = 0;;) i++; }\n")
    fields = {"system": "local"}
    compiled = ada.wait_for_job(
        ada.ask(
            "job-submit",
            "POST",
            "/jobs",
            fields
            | {
                "kind": "compile",
                "request_id": f"forever-c-{time.time_ns()}",
                "command": "gcc",
                "source": "forever.c",
                "output": "forever",
            },
        )["id"]
    )

    job = ada.ask(
        "job-submit",
        "POST",
        "/jobs",
        fields
        | {
            "kind": "run",
            "request_id": f"forever-r-{time.time_ns()}",
            "binary": f"{compiled['archive_path']}/forever",
            "run_time": "00:00:02",
        },
    )
    detail = ada.wait_for_job(job["id"])

    assert detail["status"] == "FAILED"
    assert "00:00:02" in detail["message"]


def test_a_port_that_is_taken_is_named(stack: Any, tmp_path: Any) -> None:
    """`up` on a taken port says which, and how to choose another."""
    done = stack.build(
        "up",
        "--detach",
        "--data",
        str(tmp_path / "data"),
        "--port",
        str(stack.port),
        check=False,
    )

    assert done.returncode != 0
    assert str(stack.port) in done.stdout + done.stderr
    assert "--port" in done.stdout + done.stderr


def test_the_same_request_id_gives_the_same_job(ada: Any) -> None:
    """A message delivered twice submits once."""
    ada.upload("ok.c", b"int main(void) { return 0; }\n")
    body = {
        "kind": "compile",
        "request_id": f"twice-{time.time_ns()}",
        "system": "local",
        "command": "gcc",
        "source": "ok.c",
        "output": "ok",
    }

    first = ada.ask("job-submit", "POST", "/jobs", body)
    second = ada.ask("job-submit", "POST", "/jobs", body)

    assert first["id"] == second["id"]
