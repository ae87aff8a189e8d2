"""Whatever happens to jobs, in whatever order, each ends once and right."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.storm import Storm
from agave_local.services.jobs.remote.testing import PATIENT, SHORT, FakeScheduler
from agave_local.services.jobs.states import STAGING, Status
from agave_local.tenant import Tenant

# The threads of a tenant that was killed end by it.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)
SEEDS, STEPS = range(3), 120
# A job of another machine takes about 110 steps, one of this machine about 90.
LIVES = [("SSH", left) for left in range(0, 120, 8)] + [
    ("LOCAL", left) for left in range(4, 90, 8)
]
_GOES = (
    *(Status.PENDING, *sorted(STAGING, key=list(Status).index), Status.QUEUED),
    *(Status.RUNNING, Status.CLEANING_UP, Status.ARCHIVING),
    *(Status.ARCHIVING_FINISHED, Status.FINISHED),
)
_LEGAL = (
    set(pairwise(_GOES))
    | {(one, Status.PENDING) for one in STAGING}
    | {(one, Status.STOPPED) for one in Status if one.can_stop}
    | {(one, Status.FAILED) for one in (*_GOES[:-1], Status.ARCHIVING_FAILED)}
    | {(Status.ARCHIVING, Status.ARCHIVING_FAILED)}
)


def check(storm: Storm, home: Path) -> None:
    """Make sure that all is as it should be after a storm."""
    scheduler = storm.scheduler
    assert storm.unseen == []
    assert scheduler.files() == []
    assert scheduler.alive() == []
    runs = Counter(run.job_id for run in scheduler.runs.values())
    assert all(count == 1 for count in runs.values()), runs
    for job_id in storm.ids:
        went = storm.statuses(job_id)
        assert set(pairwise(went)) <= _LEGAL, went
        assert [one for one in went if one.is_over] == went[-1:], went
        job = storm.tenant.store.get("job", job_id)
        assert job
        # What is written after the end would be another one.
        assert Status(job["history"][-2]["status"]) is not went[-1]
        assert storm.events[job_id, went[-1]] >= 1
        if went[-1] is Status.FINISHED:
            text = (home / "out" / job_id / "result").read_text(encoding="utf-8")
            assert text == job_id
            assert job["submitTime"]
            if job["remote"]:
                assert job["localId"] == scheduler.number_of(job_id)


@pytest.mark.parametrize("patience", [PATIENT, SHORT], ids=["patient", "short"])
@pytest.mark.parametrize("seed", SEEDS)
def test_storm(  # noqa: PLR0917 - each plays a part
    tenant: Tenant,
    scheduler: FakeScheduler,
    system: Callable[..., None],
    home: Path,
    caplog: pytest.LogCaptureFixture,
    patience: Patience,
    seed: int,
) -> None:
    """Each job ends once and legally, was started at most once, and leaves nothing."""
    system()
    chance = random.Random(seed)  # noqa: S311 - the same each time
    storm = Storm(tenant, scheduler, patience, chance)
    try:
        storm.rage(STEPS)
        storm.calm()
        check(storm, home)
        assert [one for one in caplog.records if one.levelname == "ERROR"] == []
    finally:
        storm.end()


@pytest.mark.parametrize(("protocol", "left"), LIVES)
def test_killed_anywhere(  # noqa: PLR0917 - each plays a part
    tenant: Tenant,
    scheduler: FakeScheduler,
    system: Callable[..., None],
    home: Path,
    protocol: str,
    left: int,
) -> None:
    """A job is brought to its end by the next process, wherever the first was."""
    if protocol == "LOCAL":
        login = {"host": "localhost", "protocol": "LOCAL"}
        system(scheduler="FORK", login=login, workDir="")
    storm = Storm(tenant, scheduler, PATIENT, random.Random())  # noqa: S311 - unused
    try:
        job_id = storm.submit()
        storm.die_after(left)
        storm.calm()
        check(storm, home)
        assert storm.statuses(job_id)[-1] is Status.FINISHED
    finally:
        storm.end()
