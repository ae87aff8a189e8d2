"""Finding jobs by their fields."""

import pytest

from agave_local.errors import BadRequest
from agave_local.services.jobs.search import read_search

JOB = {
    "id": "1",
    "name": "ipt-run-[a]?",
    "owner": "anna",
    "status": "RUNNING",
    "appId": "a-1.0",
    "executionSystem": "x",
    "batchQueue": "q",
}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("name", "ipt-run-[a]?", True),
        ("name.eq", "ipt", False),
        ("name.neq", "ipt", True),
        ("name.like", "*RUN*", True),
        ("name.like", "ipt-run-[a]?", True),
        ("name.like", "ipt-run-a?", False),
        ("name.nlike", "ipt*", False),
        ("status.in", "QUEUED, RUNNING", True),
        ("status.nin", "QUEUED,RUNNING", False),
        ("limit", "3", True),
        ("pretty", "true", True),
    ],
)
def test_find(name: str, value: str, found: object) -> None:
    """Each operator finds what it says."""
    assert found is read_search([(name, value)])(JOB)


def test_every_term_counts() -> None:
    """A job has everything that is asked for."""
    assert read_search([])(JOB)
    assert not read_search([("owner", "anna"), ("status", "FAILED")])(JOB)


@pytest.mark.parametrize("name", ["colour", "roles", "app", "name.near", ".eq"])
def test_refuse_a_term(name: str) -> None:
    """A field or operator that there is not is refused, not passed over."""
    with pytest.raises(BadRequest):
        read_search([(name, "x")])
