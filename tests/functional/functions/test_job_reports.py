"""The function `jobs`: diagnostics, comparisons, and jobs once more."""

from typing import Any

import pytest

from functions.jobs.app import app
from iptweb.jobs.comparison.outputs import MOST_BYTES
from iptweb.testing import FakeTenant, FunctionClient

MESSAGES = b"""./heat.c:3:5: error: expected ';'
./defs.h:1:1: warning: unused [-Wunused]
/usr/include/stdio.h:9:1: note: declared here
"""
TABLE = b"serial\t1\t0\t4.0\n1\t1\t0\t4.4\n4\t1\t0\t1.0\n"


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def submit(client: FunctionClient, kind: str, **changes: Any) -> str:
    """Submit a job of a kind and return its id."""
    files = "agave://ipt.storage/ada/src"
    document = {
        "name": f"ipt-{kind}-heat-request-1",
        "appId": f"ipt-{kind.replace('compile', 'build')}-local-0.1.0",
        "archivePath": f"ada/jobs/2027-01-15/{kind}-local-request-1",
        "nodeCount": 1,
        "processorsPerNode": 1,
        "inputs": {
            "driver": [f"{files}/heat.c"],
            "supplementalFiles": [f"{files}/defs.h"],
        },
        "parameters": {"command": "gcc", "output": "heat"},
    }
    job = client.tenant.as_user("ada").submit_job(document)
    client.tenant.jobs[job["id"]].update(changes)
    return str(job["id"])


def put(client: FunctionClient, job_id: str, **files: bytes) -> None:
    """Give a job files; a double underscore stands for a dot."""
    named = {name.replace("__", "."): data for name, data in files.items()}
    client.tenant.outputs.setdefault(job_id, {}).update(named)


@pytest.mark.parametrize("kind", ["compile", "build-run", "compare"])
def test_diagnostics(client: FunctionClient, kind: str) -> None:
    """What the compiler complained about leads to the files in the home."""
    job_id = submit(client, kind, status="FAILED")
    put(client, job_id, x__err=MESSAGES)

    body = client.get(f"/jobs/{job_id}/diagnostics").body

    assert [(d["severity"], d["path"], d["line"]) for d in body["diagnostics"]] == [
        ("error", "src/heat.c", 3),
        ("warning", "src/defs.h", 1),
    ]
    (note,) = body["diagnostics"][1]["notes"]
    assert (note["file"], note["path"]) == ("/usr/include/stdio.h", "")
    assert body["truncated"] is False
    assert client.get(f"/jobs/{job_id}").body["diagnostics_available"] is True


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("run", {"x__err": MESSAGES}),
        ("other", {"x__err": MESSAGES}),
        ("compile", {"x__err": b""}),
        ("compile", {"x__out": MESSAGES}),
        ("compile", {}),
    ],
)
def test_no_diagnostics(
    client: FunctionClient, kind: str, files: dict[str, bytes]
) -> None:
    """A job that compiles nothing, or said nothing, has none."""
    job_id = submit(client, kind, inputs=None)
    put(client, job_id, **files)

    body = client.get(f"/jobs/{job_id}/diagnostics").body

    assert body == {"diagnostics": [], "truncated": False}
    assert client.get(f"/jobs/{job_id}").body["diagnostics_available"] is False


def test_endless_messages(client: FunctionClient) -> None:
    """Of a compiler that does not stop the beginning is read, and that is told."""
    job_id = submit(client, "compile")
    put(client, job_id, x__err=MESSAGES + b"x" * (2 * 1024 * 1024))

    body = client.get(f"/jobs/{job_id}/diagnostics").body

    assert (len(body["diagnostics"]), body["truncated"]) == (2, True)


def compared(client: FunctionClient, **changes: Any) -> str:
    """Submit a comparison that has run and return its id."""
    job_id = submit(client, "compare", status="FINISHED", **changes)
    client.tenant.outputs[job_id] = {
        "IPT_COMPARE": TABLE,
        "compare/serial.out": b"sum 1.0\n",
        "compare/1.out": b"sum 1.0000000001\n",
        "compare/4.out": b"sum 1.5\n",
    }
    return job_id


def test_comparison(client: FunctionClient) -> None:
    """A comparison tells the speed-up of each count and where outputs differ."""
    body = client.get(f"/jobs/{compared(client)}/comparison").body

    assert (body["done"], body["mode"], body["message"]) == (True, "threads", "")
    assert body["tolerance"] == 1e-6
    assert [(run["label"], run["same"]) for run in body["runs"]] == [
        *(("serial", None), ("1", True), ("4", False)),
    ]
    last = body["runs"][-1]
    assert (last["speed_up"], last["efficiency"]) == (4.0, 1.0)
    assert last["difference"]["relative"] == pytest.approx(1 / 3)


def test_tolerance_of_a_comparison(client: FunctionClient) -> None:
    """The caller says how far numbers may be apart."""
    job_id = compared(client, parameters={"launcher": "mpirun -np {ranks}"})

    body = client.get(f"/jobs/{job_id}/comparison", tolerance="0.5").body

    assert [run["same"] for run in body["runs"]] == [None, True, True]
    assert (body["tolerance"], body["mode"]) == (0.5, "ranks")


@pytest.mark.parametrize("tolerance", ["x", "", "-1", "2", "nan", "inf", "1" * 41])
def test_bad_tolerance(client: FunctionClient, tolerance: str) -> None:
    """A tolerance that is none is refused by name."""
    job_id = compared(client)

    answer = client.get(f"/jobs/{job_id}/comparison", tolerance=tolerance)

    assert answer.field == "tolerance"


def test_comparison_that_goes_on(client: FunctionClient) -> None:
    """While a comparison runs it shows the runs so far."""
    job_id = submit(client, "compare", status="RUNNING")
    path = f"/jobs/{job_id}/comparison"

    assert client.get(path).body == {
        "done": False,
        "tolerance": 1e-6,
        "runs": [],
        "message": "No program has run to its end yet.",
        "mode": "threads",
    }
    client.tenant.outputs[job_id] = {
        "IPT_COMPARE": TABLE[:20],
        "compare/serial.out": b"x",
        "compare/1.out": b"half",
    }
    body = client.get(path).body
    assert [run["label"] for run in body["runs"]] == ["serial"]


def test_long_outputs_are_not_judged(client: FunctionClient) -> None:
    """Outputs that are too long to be read whole are not said to be the same."""
    job_id = compared(client)
    long = b"line\n" * (MOST_BYTES // 5 + 10)
    outputs = client.tenant.outputs[job_id]
    outputs["compare/serial.out"] = outputs["compare/1.out"] = long

    runs = client.get(f"/jobs/{job_id}/comparison").body["runs"]

    assert [run["same"] for run in runs] == [None, None, False]


def test_nothing_to_compare(client: FunctionClient) -> None:
    """A job of another kind has no comparison."""
    answer = client.get(f"/jobs/{submit(client, 'run')}/comparison")

    assert answer.code == "conflict"


def test_once_more(client: FunctionClient) -> None:
    """A job is made once more from its own document, once for each request."""
    client.tenant.files |= {"ada/src/heat.c": b"", "ada/src/defs.h": b""}
    job_id = submit(client, "compile", status="FAILED")

    answers = [
        client.post(f"/jobs/{job_id}/resubmit", request_id="request-2")
        for _ in range(2)
    ]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert answers[0].body["id"] != job_id
    assert answers[0].body["name"] == "ipt-compile-heat-request-2"
    made = client.tenant.jobs[answers[0].body["id"]]
    assert made["inputs"]["driver"] == "agave://ipt.storage/ada/src/heat.c"


@pytest.mark.parametrize(
    "body", [{}, {"request_id": "x"}, {"request_id": 7}, {"request_id": "x" * 65}]
)
def test_once_more_needs_an_id(client: FunctionClient, body: dict[str, Any]) -> None:
    """Without a sound id nothing is submitted."""
    job_id = submit(client, "compile")
    before = len(client.tenant.jobs)

    answer = client.post(f"/jobs/{job_id}/resubmit", **body)

    assert answer.field == "request_id"
    assert len(client.tenant.jobs) == before


def test_foreign_job_once_more(client: FunctionClient) -> None:
    """What none of our forms made can't be made again here."""
    job_id = submit(client, "other")

    answer = client.post(f"/jobs/{job_id}/resubmit", request_id="request-2")

    assert answer.code == "conflict"


@pytest.mark.parametrize("route", ["diagnostics", "comparison", "resubmit"])
def test_job_that_is_not_there(client: FunctionClient, route: str) -> None:
    """Of a job that is not there nothing is told."""
    answer = (
        client.post("/jobs/nope/resubmit", request_id="request-2")
        if route == "resubmit"
        else client.get(f"/jobs/nope/{route}")
    )

    assert answer.code == "not_found"
