"""How many jobs may run at once."""

from collections.abc import Callable
from typing import Any

import pytest

from agave_local.errors import NotFound
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.quotas import Lane, Quotas
from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import EXECUTION, FakeLauncher, Stage, wait_for
from agave_local.tenant import Tenant

ANNA, BERT = Lane("s", "q", "anna"), Lane("s", "q", "bert")
ELSEWHERE, OTHER = Lane("t", "q", "anna"), Lane("s", "r", "anna")
BERT_OTHER = Lane("s", "r", "bert")


@pytest.mark.parametrize(
    ("system", "busy", "expected"),
    [
        ({}, [], "anna"),
        ({}, [ANNA, BERT] * 9, "anna"),
        ({}, [ANNA] * 9, "bert"),
        ({"maxSystemJobs": 2}, [BERT, ELSEWHERE], "anna"),
        ({"maxSystemJobs": 2}, [ANNA, OTHER], None),
        ({"maxSystemJobs": -1}, [BERT] * 9, "anna"),
        ({"maxSystemJobs": 0}, [], None),
        ({"maxSystemJobsPerUser": 1}, [OTHER], "bert"),
        ({"queues": [{"name": "q", "maxJobs": 1}]}, [OTHER, BERT_OTHER], "anna"),
        ({"queues": [{"name": "q", "maxJobs": 1}]}, [BERT], None),
        ({"queues": [{"name": "q", "maxUserJobs": 1}]}, [ANNA], "bert"),
        ({"queues": [{"name": "q", "maxUserJobs": 1}]}, [OTHER, BERT], "anna"),
        ({"queues": [{"name": "r", "maxUserJobs": 0}]}, [ANNA, BERT], "anna"),
    ],
)
def test_first(system: dict[str, Any], busy: list[Lane], expected: str | None) -> None:
    """Next is the first job, of who has the fewest, that passes no limit."""
    quotas = Quotas(lambda _: system)

    assert expected == quotas.first({"anna": ANNA, "more": ANNA, "bert": BERT}, busy)


def test_a_flood_of_jobs() -> None:
    """Who has submitted hundreds before does not have all turns."""
    quotas = Quotas(lambda _: {})
    waiting = {f"anna-{number}": ANNA for number in range(300)} | {
        f"bert-{number}": BERT for number in range(2)
    }

    order = []
    for _ in range(6):
        # With one slot: whoever runs has ended by the next turn.
        job_id = quotas.first(waiting, [])
        assert job_id
        order.append(job_id)
        del waiting[job_id]

    assert order == ["anna-0", "bert-0", "anna-1", "bert-1", "anna-2", "anna-3"]


def test_a_system_that_is_gone() -> None:
    """A job whose system is gone is let on, and fails by itself."""

    def find(name: str) -> dict[str, Any]:
        raise NotFound(name)

    assert Quotas(find).first({"a": ANNA}, []) == "a"


def test_wait_for_a_quota(
    stage: Stage,
    tenant: Tenant,
    make_jobs: Callable[..., Jobs],
    launcher: FakeLauncher,
) -> None:
    """A job waits while its system has as many as it takes, though slots are free."""
    tenant.store.update("system", EXECUTION, lambda one: {**one, "maxSystemJobs": 1})
    jobs = make_jobs(slots=4)
    jobs.start()
    first = stage.submit(jobs)
    wait_for(tenant, first, Status.RUNNING)
    second = stage.submit(jobs)
    assert wait_for(tenant, second, Status.QUEUED)["status"] == Status.QUEUED
    assert second not in launcher.orders

    launcher.ends[first] = Exit("exited", 0)

    assert wait_for(tenant, second, Status.RUNNING)["status"] == Status.RUNNING
