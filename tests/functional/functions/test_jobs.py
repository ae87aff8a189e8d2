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

    assert client.tenant.calls == ["my_profile", "find_jobs"]


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
        {"status": "x" * 201},
        {"status": "not one"},
        {"system": "x" * 101},
        {"since": "soon"},
        {"until": "2027-13-01"},
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
        "notify": "",
    }
    assert client.get(f"/jobs/{foreign}").body["request"] is None


@pytest.mark.parametrize(
    ("note", "stage"),
    [(b"compile\n", "compile"), (b"run", "run"), (b"x", ""), (None, "")],
)
def test_stage(client: FunctionClient, note: bytes | None, stage: str) -> None:
    """A job that compiles and runs tells how far it is, also while it does."""
    job_id = submit(client, appId="ipt-build-run-local-0.1.0", status="RUNNING")
    client.tenant.outputs[job_id] = {} if note is None else {"IPT_STAGE": note}

    assert client.get(f"/jobs/{job_id}").body["stage"] == stage


def test_many_outputs(client: FunctionClient) -> None:
    """Of very many files some are listed, and the wrapper's notes are found anyway."""
    job_id = submit(client)
    files = {f"A{number:04}": b"" for number in range(500)}
    finish(client, job_id, **files, IPT_EXIT_CODE=b"3", IPT_TIME=b"1.5")

    body = client.get(f"/jobs/{job_id}").body

    assert (body["exit_code"], body["run_seconds"]) == (3, 1.5)
    assert (len(body["outputs"]), body["outputs_truncated"]) == (200, True)


def test_systems_are_named_for_people(client: FunctionClient) -> None:
    """A job has its system's label; what is not ours is named as the platform does."""
    own, other = submit(client), submit(client, appId="other-1.0")

    assert client.get(f"/jobs/{own}").body["system_label"] == "This machine"
    assert client.get(f"/jobs/{other}").body["system_label"] == "ipt.local"


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
        for job_id in (foreign, "nope", ".", "..")
    ]

    assert [answer.code for answer in answers] == ["not_found"] * 4
    assert len({answer.message for answer in answers}) == 1


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


def test_place_in_the_queue(client: FunctionClient) -> None:
    """While a job waits, what its scheduler told is shown, in the list as well."""
    told = {
        "ahead": 3,
        "expectedStart": "2027-01-31T12:00:00Z",
        "reason": "Priority",
        "asOf": "2027-01-31T11:00:00Z",
    }
    job_id = submit(client, status="QUEUED", remoteQueue=told)

    expected = {
        "ahead": 3,
        "expected_start": "2027-01-31T12:00:00Z",
        "reason": "Priority",
        "as_of": "2027-01-31T11:00:00Z",
    }
    assert client.get(f"/jobs/{job_id}").body["queue"] == expected
    assert client.get("/jobs").body["jobs"][0]["queue"] == expected
    client.tenant.jobs[job_id]["status"] = "RUNNING"
    assert client.get(f"/jobs/{job_id}").body["queue"] is None


@pytest.mark.parametrize("told", [None, "soon", {"ahead": "3"}, {"ahead": True}])
def test_odd_place_in_the_queue(client: FunctionClient, told: Any) -> None:
    """What a scheduler does not tell is not invented."""
    job_id = submit(client, status="QUEUED", remoteQueue=told)

    queue = client.get(f"/jobs/{job_id}").body["queue"]

    assert queue is None or queue == {
        "ahead": None,
        "expected_start": None,
        "reason": "",
        "as_of": "",
    }
