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


@pytest.mark.parametrize(
    ("system", "busy", "expected"),
    [
        ({}, [ANNA] * 9, "anna"),
        ({"maxSystemJobs": 2}, [ANNA, ELSEWHERE], "anna"),
        ({"maxSystemJobs": 2}, [ANNA, OTHER], None),
        ({"maxSystemJobs": -1}, [ANNA] * 9, "anna"),
        ({"maxSystemJobs": 0}, [], None),
        ({"maxSystemJobsPerUser": 1}, [OTHER], "bert"),
        ({"queues": [{"name": "q", "maxJobs": 1}]}, [OTHER], "anna"),
        ({"queues": [{"name": "q", "maxJobs": 1}]}, [BERT], None),
        ({"queues": [{"name": "q", "maxUserJobs": 1}]}, [ANNA], "bert"),
        ({"queues": [{"name": "q", "maxUserJobs": 1}]}, [OTHER], "anna"),
        ({"queues": [{"name": "r", "maxUserJobs": 0}]}, [ANNA], "anna"),
    ],
)
def test_first(system: dict[str, Any], busy: list[Lane], expected: str | None) -> None:
    """The first job that passes no limit is next."""
    quotas = Quotas(lambda _: system)

    assert expected == quotas.first({"anna": ANNA, "more": ANNA, "bert": BERT}, busy)


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
