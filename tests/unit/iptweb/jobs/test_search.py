"""What is looked for, in the platform's terms."""

import datetime as dt
from typing import Any

import pytest

from iptweb.errors import BadRequest
from iptweb.jobs import JobFilter, Registry
from iptweb.jobs.apps import app_terms
from iptweb.jobs.search import holds
from iptweb.testing.search import is_found
from iptweb.testing.settings import SYSTEM

KINDS = ("build", "run", "build-run", "compare")


def system(name: str, version: str = "0.2.0", **apps: str) -> dict[str, Any]:
    """Return a registry entry."""
    ids = {
        f"{kind.replace('-', '_')}_app": f"ipt-{kind}-{name}-{version}"
        for kind in KINDS
    }
    return {**SYSTEM, "name": name, **ids, **apps}


REGISTRY = Registry([system("local"), system("local-slurm"), system("ls5")])
ALL = [
    f"ipt-{kind}-{name}-{version}"
    for kind in KINDS
    for name in ("local", "local-slurm", "ls5")
    for version in ("0.1.0", "0.2.0")
] + ["mine-1.0", "ipt-other-1.0"]


def found(kind: str = "", name: str = "", registry: Registry = REGISTRY) -> set[str]:
    """Return the apps whose jobs the platform would find."""
    terms = app_terms(registry, kind, name)
    assert terms is not None
    jobs = [{"appId": app, "executionSystem": "other.system"} for app in ALL]
    assert [is_found(job, terms) for job in jobs] == [holds(terms, job) for job in jobs]
    return {job["appId"] for job in jobs if is_found(job, terms)}


def test_no_filter() -> None:
    """Where neither a kind nor a system is wanted nothing is asked for."""
    assert app_terms(REGISTRY, "", "") == {}


@pytest.mark.parametrize("kind", ["compile", "run", "build-run", "compare"])
def test_kind(kind: str) -> None:
    """Every version of a kind's apps is found, and no app of another kind."""
    assert found(kind) == {app for app in ALL if REGISTRY.by_app(app)[1] == kind}


def test_names_that_hide_each_other() -> None:
    """Where a pattern can't tell apps apart more are found rather than fewer."""
    registry = Registry([system("local"), system("run")])
    terms = app_terms(registry, "build-run", "")

    assert terms == {"appId.like": "ipt-build-run-*"}


@pytest.mark.parametrize("name", ["local", "local-slurm", "ls5"])
def test_system(name: str) -> None:
    """A system is told from one whose name begins so."""
    assert found(name=name) == {app for app in ALL if REGISTRY.by_app(app)[0] == name}
    assert found("run", name) == {f"ipt-run-{name}-0.1.0", f"ipt-run-{name}-0.2.0"}


def test_others() -> None:
    """What is not ours is found by leaving out what is."""
    assert found("other") == {"mine-1.0", "ipt-other-1.0"}
    assert found("other", "other.system") == found("", "other.system")
    terms = app_terms(REGISTRY, "", "other.system")
    assert terms is not None
    assert terms["executionSystem"] == "other.system"


def test_apps_of_any_name() -> None:
    """Apps that have nothing in common are all found."""
    odd = Registry([system("local", build_app="compile-x-1.0", run_app="start-y-1.0")])
    terms = app_terms(odd, "", "local")

    assert terms == {"appId.like": "*"}


def test_apps_that_are_short() -> None:
    """What apps begin and end with is asked for only where it does not overlap."""
    ids = {"build_app": "a-b-c-1.0", "run_app": "a-c-1.0"}
    odd = {**SYSTEM, "build_run_app": "", "compare_app": "", **ids}

    assert app_terms(Registry([odd]), "", "local") == {"appId.like": "a-*"}


@pytest.mark.parametrize(
    ("kind", "name"), [("other", "local"), ("run", "other.system")]
)
def test_nothing_can_match(kind: str, name: str) -> None:
    """A system of ours has no other jobs, and another one none of ours."""
    assert app_terms(REGISTRY, kind, name) is None


def test_kind_without_an_app() -> None:
    """A kind that no system takes finds nothing."""
    plain = system("local")
    del plain["compare_app"]

    assert app_terms(Registry([plain]), "compare", "") is None


def test_terms() -> None:
    """All that is wanted becomes terms of the platform."""
    wanted = JobFilter.read(
        search=" Compile  and RUN h*t heat heat",
        kind="run",
        status="failed, STOPPED,",
        system="local",
        since="2027-01-31",
        until="2027-01-31",
    )

    terms = wanted.to_terms(REGISTRY)

    assert terms == {
        "appId.like": "ipt-run-local-*",
        "appId.nlike": ["ipt-run-local-slurm-*"],
        "name.like": ["*build-run*", "*h*", "*t*", "*heat*"],
        "status.in": "FAILED,STOPPED",
        "created.gte": "2027-01-31T00:00:00.000Z",
        "created.lt": "2027-02-01T00:00:00.000Z",
    }


def test_moments() -> None:
    """A moment is taken in its zone, and is not the end of a day."""
    wanted = JobFilter.read(since="2027-01-31T01:00:00+02:00", until="2027-01-31T12:00")

    assert wanted.since == dt.datetime(2027, 1, 30, 23, tzinfo=dt.UTC)
    assert wanted.until == dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("search", " ".join("abcdefghijk")),
        ("status", "RUN NING"),
        ("status", "RUNNING;x"),
        ("since", "soon"),
        ("since", "0001-01-01T00:00:00+23:00"),
        ("until", "2027-02-30"),
        ("until", "9999-12-31"),
    ],
)
def test_refusals(field: str, value: str) -> None:
    """What makes no sense is refused by name."""
    with pytest.raises(BadRequest) as caught:
        JobFilter.read(**{field: value})

    assert caught.value.details == {"field": field}


JOB = {
    "id": "123-242ac113-0001-007",
    "name": "ipt-run-heat",
    "kind": "run",
    "system": "local",
    "status": "FAILED",
    "created": "2027-01-31T12:00:00Z",
}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, True),
        ({"search": "HEAT run"}, True),
        ({"search": "heat cold"}, False),
        ({"search": "123-242"}, True),
        ({"search": "124-242"}, False),
        ({"kind": "compile"}, False),
        ({"system": "other"}, False),
        ({"status": "FAILED"}, True),
        ({"status": "RUNNING"}, False),
        ({"since": "2027-01-31T12:00:00Z"}, True),
        ({"since": "2027-01-31T12:00:01Z"}, False),
        ({"until": "2027-01-31T12:00:00Z"}, False),
        ({"until": "2027-01-31"}, True),
    ],
)
def test_matches(wanted: dict[str, str], *, expected: bool) -> None:
    """Where the platform can't search, jobs are looked through in the same way."""
    assert JobFilter.read(**wanted).matches(JOB) is expected


def test_unknown_times_match() -> None:
    """A job that does not tell when it was made is not left out."""
    wanted = JobFilter.read(since="2027-01-31")

    assert wanted.matches({**JOB, "created": ""})
    assert holds(wanted.to_terms(REGISTRY) or {}, {"created": "soon"})


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"name.like": "*run*heat*"}, True),
        ({"name.like": ["*run*", "*cold*"]}, False),
        ({"name.like": "run*"}, False),
        ({"name.nlike": "*heat*"}, False),
        ({"missing": "x"}, True),
        ({"status": "FAILED"}, True),
        ({"status.in": "RUNNING,QUEUED"}, False),
        ({"created.gte": "2027-02-01T00:00:00Z"}, False),
        ({"created.lt": "2027-02-01T00:00:00Z"}, True),
        ({"created.lt": "2027-01-01T00:00:00Z"}, False),
    ],
)
def test_answers_are_checked(terms: dict[str, Any], *, expected: bool) -> None:
    """Whether a platform kept to the terms is seen by what it returns."""
    assert holds(terms, JOB) is expected
