"""An earlier job once more, as far as it still would be the same."""

from typing import Any

import pytest

from iptweb.errors import BadRequest, Conflict
from iptweb.jobs import JobRequest, Registry, read_job_request
from iptweb.jobs.document import build_document
from iptweb.jobs.resubmission import read_same_job
from iptweb.testing.settings import SYSTEM

RUN: dict[str, Any] = {
    "kind": "run",
    "request_id": "request-1",
    "system": "local",
    "binary": "heat",
    "launcher": "mpirun -np {processors}",
    "ranks": 2,
    "args": "100",
}


def job_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the job that a body made."""
    job = read_job_request(body, Registry([SYSTEM]), local=True)
    made = build_document(job, user="ada", storage_system="ipt.storage", now=0)
    return made | {"id": "1-007", "owner": "ada", "status": "FINISHED"}


def once_more(
    raw: dict[str, Any],
    *,
    request_id: Any = "request-2",
    local: bool = False,
    **system: Any,
) -> JobRequest:
    """Read a job again, on a system that may have changed since."""
    return read_same_job(
        raw,
        request_id,
        Registry([SYSTEM | system]),
        user="ada",
        storage_system="ipt.storage",
        local=local,
    )


def test_the_same_job_under_a_new_request() -> None:
    """Everything is as it was but the request's id."""
    job = once_more(job_of(RUN))

    assert job == read_job_request(
        RUN | {"request_id": "request-2"}, Registry([SYSTEM])
    )


def test_another_version_of_the_app_is_the_same_job() -> None:
    """A job of an earlier version of its app runs with the app of today."""
    job = once_more(job_of(RUN), run_app="ipt-run-local-0.9.0")

    assert job.system.run_app == "ipt-run-local-0.9.0"


@pytest.mark.parametrize("request_id", [None, "", "short", "has space", 12345678])
def test_a_request_id_is_needed(request_id: Any) -> None:
    """The new job's request is named as every other one is."""
    with pytest.raises(BadRequest) as caught:
        once_more(job_of(RUN), request_id=request_id)
    assert caught.value.details == {"field": "request_id"}


@pytest.mark.parametrize(
    "changes",
    [
        {"processorsPerNode": 3},
        {
            "maxRunTime": "00:09:00",
            "nodeCount": 1,
            "batchQueue": "default",
            "inputs": {},
        },
        {"parameters": {"command": "mpirun -np 2", "threads": 1, "secret": "x"}},
        {"parameters": {"command": "valgrind", "threads": 1}},
    ],
)
def test_a_job_that_would_be_another_is_refused(changes: dict[str, Any]) -> None:
    """What our form can't say would be lost, so the job is not made at all."""
    with pytest.raises((Conflict, BadRequest)):
        once_more(job_of(RUN) | changes)


def test_a_foreign_launcher_is_not_dropped() -> None:
    """A job that was started by something of its own is not run without it."""
    raw = job_of(RUN | {"launcher": "", "ranks": 1})
    raw["parameters"]["command"] = "valgrind"

    with pytest.raises(Conflict, match="would not be the same"):
        once_more(raw)


def test_a_foreign_job_is_refused() -> None:
    """A job of an app that is not ours has no form that could be sent again."""
    with pytest.raises(Conflict, match="not made by one of our forms"):
        once_more(job_of(RUN) | {"appId": "other-1.0"})


@pytest.mark.parametrize(
    ("system", "field"),
    [
        ({"launchers": [""]}, "ranks"),
        ({"queues": [{"name": "other"}]}, "queue"),
        ({"queues": [{"name": "default"}]}, "ranks"),
        ({"run_app": "ipt-run-local-0.2.0", "queues": []}, "queue"),
    ],
)
def test_what_is_possible_no_longer_is_named(system: Any, field: str) -> None:
    """Where the system takes such a job no longer the field says why."""
    with pytest.raises(BadRequest) as caught:
        once_more(job_of(RUN), **system)
    assert caught.value.details == {"field": field}


def test_a_webhook_on_this_machine_stays_on_one_machine() -> None:
    """An address of loopback is checked once more, by where the platform is now."""
    raw = job_of(RUN | {"notify": "http://127.0.0.1:9/x"})

    assert once_more(raw, local=True).notify == "http://127.0.0.1:9/x"
    with pytest.raises(BadRequest, match="notify"):
        once_more(raw)
