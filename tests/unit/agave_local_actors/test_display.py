"""How fields and times are written."""

from typing import Any

import pytest

from agave_local.services.actors.display import Display, to_fresh_iso
from agave_local.services.actors.naming import Naming

ACTOR: dict[str, Any] = {
    "id": "a",
    "owner": "ada",
    "created": 1_790_000_000.123456,
    "updated": 1_790_000_001.123456,
    "defaultEnvironment": {"myVariable": None},
}
EXECUTION: dict[str, Any] = {
    "id": "e",
    "executor": "ada",
    "received": 1.0,
    "started": 2.0,
    "finished": 4.9,
    "exitCode": 1,
    "error": "why",
    "status": "ERROR",
}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("id", "id"),
        ("_links", "_links"),
        ("useContainerUid", "use_container_uid"),
        ("totalActorsAllWithExecutions", "total_actors_all_with_executions"),
    ],
)
def test_names(name: str, written: str) -> None:
    """Snake case has an underscore where camel case has a capital."""
    assert Naming.SNAKE.write(name) == written
    assert Naming.CAMEL.write(name) == name


def test_fields_without_a_value() -> None:
    """Camel case leaves nulls out unless asked for them; snake case shows them."""
    fields = {"aB": None, "c": {"dE": None}}

    assert Naming.CAMEL.show(fields) == {"c": {"dE": None}}
    assert Naming.CAMEL.show(fields, nulls=True) == fields
    assert Naming.SNAKE.show(fields) == {"a_b": None, "c": {"dE": None}}


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (1_790_000_000.123456, "2026-09-21T14:13:20.123456"),
        (1_790_000_000.5, "2026-09-21T14:13:20.500Z"),
    ],
)
def test_fresh_times(seconds: float, written: str) -> None:
    """A time just set has microseconds and no zone, unless they end in 000."""
    assert to_fresh_iso(seconds) == written


def test_what_is_fresh() -> None:
    """Only the times that a call has just set are written to the microsecond."""
    shown = Display("https://x", "T").actor(ACTOR, fresh=("lastUpdateTime",))

    assert shown["createTime"] == "2026-09-21T14:13:20.123Z"
    assert shown["lastUpdateTime"] == "2026-09-21T14:13:21.123456"


def test_snake_actor() -> None:
    """The names inside an environment are the caller's, in either case."""
    shown = Display("https://x", "T", Naming.SNAKE).actor(ACTOR)

    assert shown["default_environment"] == {"myVariable": None}
    assert shown["uid"] is shown["gid"] is shown["tasdir"] is None


def test_mounts() -> None:
    """Every actor shows what the operator mounts."""
    mount = {"host_path": "/a", "container_path": "/b", "mode": "ro"}

    shown = Display("https://x", "T", mounts=[mount]).actor(ACTOR)

    assert shown["mounts"] == [mount]


def test_final_state() -> None:
    """An execution's error is in its last state, whoever wrote the rest of it."""
    display = Display("https://x", "T")

    plain = display.execution(ACTOR, EXECUTION)["finalState"]
    told = display.execution(ACTOR, EXECUTION | {"state": {"Pid": 7, "Error": ""}})

    assert (plain["Error"], plain["ExitCode"], plain["Pid"]) == ("why", 1, 0)
    assert told["finalState"] == {"Pid": 7, "Error": "why"}
    assert told["runtime"] == 2
