"""The function `jobs`."""

from typing import Any

import pytest

from functions.jobs.app import app
from iptweb.errors import AgaveUnavailable
from iptweb.testing import FakeTenant, FunctionClient
from iptweb.testing.tenant import refused

ARCHIVE = "jobs/2027-01-15/compile-local-request-1"


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def submit(client: FunctionClient, user: str = "ada", **changes: Any) -> str:
    """Submit a compile job and return its id."""
    document = {
        "name": "ipt-compile-request-1",
        "appId": "ipt-build-local-0.1.0",
        "executionSystem": "ipt.local",
        "archivePath": f"{user}/{ARCHIVE}",
        "inputs": {"driver": [f"agave://ipt.storage/{user}/heat.c"]},
        "parameters": {"command": "gcc", "output": "heat"},
    }
    job = client.tenant.as_user(user).submit_job(document)
    client.tenant.jobs[job["id"]].update(changes)
    return str(job["id"])


def finish(client: FunctionClient, job_id: str, **files: bytes) -> None:
    """End a job with output files; a double underscore stands for a dot."""
    client.tenant.jobs[job_id]["status"] = "FINISHED"
    client.tenant.outputs[job_id] = {n.replace("__", "."): d for n, d in files.items()}


def test_list(client: FunctionClient) -> None:
    """Jobs are listed, the newest first, with what a summary tells."""
    first = submit(client)
    second = submit(client, appId="ipt-run-local-0.1.0", status="RUNNING")
    submit(client, "bob")

    body = client.get("/jobs").body

    assert [job["id"] for job in body["jobs"]] == [second, first]
    assert [job["kind"] for job in body["jobs"]] == ["run", "compile"]
    assert body["jobs"][1]["system"] == "local"
    assert body["jobs"][1]["exit_code"] is None
    assert body["jobs"][1]["can_cancel"] is True
    assert (body["limit"], body["offset"], body["more"]) == (20, 0, False)


def test_list_costs_one_call(client: FunctionClient) -> None:
    """Besides the check of the token the platform is asked once."""
    submit(client)
    client.tenant.calls.clear()

    client.get("/jobs")

    assert client.tenant.calls == ["my_profile", "list_jobs"]


def test_pages(client: FunctionClient) -> None:
    """A page tells whether there are more."""
    for _ in range(3):
        submit(client)

    assert client.get("/jobs", limit=2).body["more"] is True
    page = client.get("/jobs", limit=2, offset=2).body
    assert (len(page["jobs"]), page["more"]) == (1, False)


def test_filters(client: FunctionClient) -> None:
    """Jobs are found by name, kind and state, page by page."""
    for number in range(3):
        submit(client, name=f"ipt-compile-{number}", status="FINISHED")
    run = submit(client, name="ipt-run-x", appId="ipt-run-local-0.1.0")
    other = submit(client, name="mine", appId="other-1.0")

    def ids(**query: Any) -> list[str]:
        return [job["id"] for job in client.get("/jobs", **query).body["jobs"]]

    assert ids(kind="run") == [run]
    assert ids(kind="other") == [other]
    assert ids(search="RUN-X") == [run]
    assert len(ids(status="finished")) == 3
    body = client.get("/jobs", kind="compile", limit=1, offset=1).body
    assert (body["jobs"][0]["name"], body["more"]) == ("ipt-compile-1", True)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"offset": "x"},
        {"kind": "x"},
        {"search": "x" * 101},
    ],
)
def test_list_refusals(client: FunctionClient, query: dict[str, Any]) -> None:
    """A bad query is refused by name."""
    assert client.get("/jobs", **query).field == next(iter(query))


def test_detail(client: FunctionClient) -> None:
    """A finished job has its line, exit code, files and history."""
    job_id = submit(client)
    finish(client, job_id, heat=b"ELF", IPT_EXIT_CODE=b"0\n", x__out=b"hello")

    body = client.get(f"/jobs/{job_id}").body

    assert body["command_line"] == "gcc ./heat.c -o ./heat"
    assert body["exit_code"] == 0
    assert body["archive_path"] == ARCHIVE
    assert body["can_cancel"] is False
    assert body["history"] == [
        {"status": "FINISHED", "description": "", "created": body["created"]}
    ]
    assert [entry["path"] for entry in body["outputs"]] == [
        f"{ARCHIVE}/IPT_EXIT_CODE",
        f"{ARCHIVE}/heat",
        f"{ARCHIVE}/x.out",
    ]
    assert body["parameters"] == {"command": "gcc", "output": "heat"}
    assert body["message"] == ""


def test_detail_of_a_young_job(client: FunctionClient) -> None:
    """A job without a folder has no files and no exit code."""
    body = client.get(f"/jobs/{submit(client)}").body

    assert (body["outputs"], body["exit_code"]) == ([], None)


def test_exit_code_that_the_platform_knows(client: FunctionClient) -> None:
    """Where the platform tells the exit code nobody has to look for it."""
    job_id = submit(client, status="FAILED", exitCode=3)

    assert client.get(f"/jobs/{job_id}").body["exit_code"] == 3


def test_run_time_of_the_program(client: FunctionClient) -> None:
    """The detail of a run tells how long the program itself took."""
    job_id = submit(client, appId="ipt-run-local-0.1.0")
    finish(client, job_id, IPT_TIME=b"0.340\n")

    assert client.get(f"/jobs/{job_id}").body["run_seconds"] == 0.34


@pytest.mark.parametrize("note", [b"", b"soon", b"\xff", b"-1", b"inf", b"nan"])
def test_garbled_run_time(client: FunctionClient, note: bytes) -> None:
    """A run time that is none is not invented."""
    job_id = submit(client)
    finish(client, job_id, IPT_TIME=note)

    assert client.get(f"/jobs/{job_id}").body["run_seconds"] is None


def test_no_run_time_while_it_runs(client: FunctionClient) -> None:
    """While the job goes on, what the wrapper wrote so far is not read."""
    job_id = submit(client)
    finish(client, job_id, IPT_TIME=b"0.3")
    client.tenant.jobs[job_id]["status"] = "RUNNING"

    assert client.get(f"/jobs/{job_id}").body["run_seconds"] is None


def test_detail_has_what_would_make_it_again(client: FunctionClient) -> None:
    """A job of ours brings its request; a foreign one has none."""
    own = submit(client)
    foreign = submit(client, appId="other-1.0")

    assert client.get(f"/jobs/{own}").body["request"] == {
        "kind": "compile",
        "system": "local",
        "command": "gcc",
        "source": "heat.c",
        "output": "heat",
        "args": "",
        "files": [],
        "modules": [],
    }
    assert client.get(f"/jobs/{foreign}").body["request"] is None


def test_search_is_word_by_word(client: FunctionClient) -> None:
    """A job is found by the words that the site shows of its name."""
    job_id = submit(client, name="ipt-compile-heat-0123456789ab")

    found = client.get("/jobs", search="Compile  Heat").body["jobs"]

    assert [job["id"] for job in found] == [job_id]
    assert client.get("/jobs", search="compile cold").body["jobs"] == []


@pytest.mark.parametrize("code", [b"", b"seven", b"\xff"])
def test_garbled_exit_code(client: FunctionClient, code: bytes) -> None:
    """An exit code that is none is not invented."""
    job_id = submit(client)
    finish(client, job_id, IPT_EXIT_CODE=code)

    assert client.get(f"/jobs/{job_id}").body["exit_code"] is None


def test_exit_code_can_t_be_read(client: FunctionClient) -> None:
    """The rest of a job is shown without its exit code."""
    job_id = submit(client)
    finish(client, job_id, IPT_EXIT_CODE=b"0")
    client.tenant.failures["read_output"] = AgaveUnavailable("No.", service="jobs")

    assert client.get(f"/jobs/{job_id}").body["exit_code"] is None


def test_foreign_app(client: FunctionClient) -> None:
    """A job of another app is shown as far as it can be."""
    job_id = submit(client, appId="other-1.0", archivePath="bob/x", inputs=None)

    body = client.get(f"/jobs/{job_id}").body

    assert (body["kind"], body["system"]) == ("other", "ipt.local")
    assert (body["command_line"], body["archive_path"]) == ("", "")
    odd = submit(client, appId="other-1.0")
    assert client.get(f"/jobs/{odd}").body["command_line"] == ""


def test_newer_names_of_fields(client: FunctionClient) -> None:
    """Times are found under the names of newer platforms, too."""
    job_id = submit(client, remoteStarted="t1", ended="t2", lastStatusMessage="why")

    body = client.get(f"/jobs/{job_id}").body

    assert (body["started"], body["ended"], body["message"]) == ("t1", "t2", "why")


@pytest.mark.parametrize("suffix", ["", "/text", "/cancel"])
def test_foreign_job_is_not_found(client: FunctionClient, suffix: str) -> None:
    """Somebody else's job, and one that never was, look alike."""
    method = "POST" if suffix == "/cancel" else "GET"
    foreign = submit(client, "bob")

    answers = [
        client.request(method, f"/jobs/{job_id}{suffix}")
        for job_id in (foreign, "nope")
    ]

    assert [answer.code for answer in answers] == ["not_found", "not_found"]
    assert answers[0].message == answers[1].message


def test_job_readable_but_not_mine(client: FunctionClient) -> None:
    """A job that somebody shared is not the caller's to handle."""
    job_id = submit(client)
    shared = dict(client.tenant.jobs[job_id], owner="bob")

    class SharedJob(dict[str, Any]):
        """A job that passes the fake's check and still is another's."""

        def __getitem__(self, key: str) -> Any:
            return "ada" if key == "owner" else super().__getitem__(key)

    client.tenant.jobs[job_id] = SharedJob(shared)

    assert client.get(f"/jobs/{job_id}").code == "forbidden"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refused("jobs", 400), "not_found"),
        (refused("jobs", 405), "upstream_refused"),
        (AgaveUnavailable("No.", service="jobs"), "upstream_unavailable"),
    ],
)
def test_platform_fails(client: FunctionClient, error: Any, code: str) -> None:
    """A failure of the platform is told as what it is."""
    client.tenant.failures["get_job"] = error

    assert client.get(f"/jobs/{submit(client)}").code == code


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


@pytest.mark.parametrize("query", [{"stream": "both"}, {"offset": "-1"}])
def test_text_refusals(client: FunctionClient, query: dict[str, Any]) -> None:
    """A bad query is refused by name."""
    answer = client.get(f"/jobs/{submit(client)}/text", **query)

    assert answer.field == next(iter(query))


def test_cancel(client: FunctionClient) -> None:
    """A job is stopped; one that has ended stays as it is."""
    job_id = submit(client, status="RUNNING")

    for _ in range(2):
        body = client.post(f"/jobs/{job_id}/cancel").body
        assert (body["status"], body["can_cancel"]) == ("STOPPED", False)
    assert client.tenant.calls.count("stop_job") == 1


def test_cancel_refused(client: FunctionClient) -> None:
    """A job that can't be stopped now says so."""
    job_id = submit(client, status="ARCHIVING")
    client.tenant.failures["stop_job"] = refused("jobs", 400)

    assert client.post(f"/jobs/{job_id}/cancel").code == "conflict"


def test_delete(client: FunctionClient) -> None:
    """A job that has ended is taken out of the history; a living one is not."""
    job_id = submit(client, status="RUNNING")

    assert client.request("DELETE", f"/jobs/{job_id}").code == "conflict"
    client.tenant.jobs[job_id]["status"] = "FAILED"
    assert client.request("DELETE", f"/jobs/{job_id}").body == {}
    assert client.request("DELETE", f"/jobs/{job_id}").code == "not_found"
