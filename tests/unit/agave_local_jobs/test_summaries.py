"""Short documents of jobs, for lists."""

from collections.abc import Callable
from pathlib import Path

from agave_local.call import Identity
from agave_local.permissions import Permission
from agave_local.records.conditions import ALWAYS
from agave_local.services.jobs.models import Jobs
from agave_local.services.jobs.summaries import FIELDS, SUMMARY, Summaries
from agave_local.services.jobs.testing import USER, Stage
from agave_local.tenant import Tenant

BERT = Identity("bert")


def test_jobs_of_an_earlier_version(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """Jobs that have no summary get one when a tenant opens them, in their order."""
    jobs = make_jobs()
    ids = [stage.submit(jobs) for _ in range(3)]
    jobs.hide(USER, ids[1])
    tenant.store.delete_where(SUMMARY)
    tenant.store.delete_where("job_summaries")
    # The fields that an earlier version did not write.
    for job_id in ids:
        tenant.store.update(
            "job",
            job_id,
            lambda job: {
                name: value
                for name, value in job.items()
                if name not in {"submitRetries", "saidFailed", "callbackToken"}
            },
        )

    again = make_jobs()

    listed = again.list(USER, ALWAYS, 9, 0)
    assert [ids[2], ids[0]] == [one["id"] for one in listed]
    assert again.documents.to_full(again.get(USER, ids[0]))["retries"] == 0
    assert again.end(USER, ids[0])["status"] == "STOPPED"


def test_a_list_is_made_of_summaries(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """A list has what is one's own or shared, and never what is hidden."""
    jobs = make_jobs()
    ids = [stage.submit(jobs) for _ in range(3)]
    jobs.give(USER, ids[0], "bert", Permission.READ)
    jobs.give(USER, ids[1], "bert", Permission.WRITE)
    jobs.give(USER, ids[2], "world", Permission.READ)

    assert [ids[2], ids[0]] == [one["id"] for one in jobs.list(BERT, ALWAYS, 9, 0)]
    jobs.hide(USER, ids[2])
    assert [ids[0]] == [one["id"] for one in jobs.list(BERT, ALWAYS, 9, 0)]
    assert [ids[0]] == [one["id"] for one in jobs.list(USER, ALWAYS, 1, 1)]
    assert tenant.store.count("job_grant") == 2


def test_every_field_is_there(
    stage: Stage, tenant: Tenant, make_jobs: Callable[..., Jobs]
) -> None:
    """Whatever a job can be searched by is in its summary."""
    stage.submit(make_jobs())
    [summary] = tenant.store.find(SUMMARY)

    assert {field.path for field in FIELDS.values()} <= set(summary)


def test_open_twice(tenant: Tenant, tmp_path: Path) -> None:
    """Summaries are made once."""
    Summaries(tenant.store)
    tenant.store.insert("job", "1", {"broken": True})

    Summaries(tenant.store)

    assert tenant.store.count(SUMMARY) == 0
    assert tmp_path.is_dir()
