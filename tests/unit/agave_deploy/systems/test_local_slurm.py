"""The queues of this machine's own Slurm, as it tells them."""

import sys
from collections.abc import Sequence
from typing import Any

import pytest

from agave_deploy.systems.local_slurm import Answer, ask_slurm, find_queues

USUAL = {"name": "normal", "max_nodes": 1, "max_run_time": "04:00:00", "max_jobs": 9}
NODES = "normal|8|16000\nnormal|4|8000\nlong|16+|1+\n*odd*|2|3\nx|y\n"


def _partition(**fields: str) -> str:
    usual = {
        "PartitionName": "normal",
        "AllowGroups": "ALL",
        "Default": "YES",
        "MaxTime": "UNLIMITED",
        "State": "UP",
    }
    return " ".join(f"{key}={value}" for key, value in (usual | fields).items())


class Slurm:
    """Answers as `sinfo` and `scontrol` would."""

    def __init__(self, *partitions: str, nodes: str = NODES) -> None:
        self._answers = {"sinfo": (0, nodes), "scontrol": (0, "\n".join(partitions))}

    def fail(self, program: str, code: int, said: str) -> "Slurm":
        """Let a program fail."""
        self._answers[program] = (code, said)
        return self

    def __call__(self, command: Sequence[str]) -> Answer:
        """Answer a command."""
        return self._answers[command[0]]


def _queues(slurm: Slurm) -> list[dict[str, Any]]:
    queues, reason = find_queues(USUAL, slurm)
    assert reason == ""
    return queues


def test_queue_of_a_partition() -> None:
    """A job gets one node, and what the smallest one has."""
    assert _queues(Slurm(_partition())) == [
        {
            "name": "normal",
            "description": "The partition normal",
            "default": True,
            "max_nodes": 1,
            "max_processors": 4,
            "max_run_time": "04:00:00",
            "max_memory": "8000MB",
            "max_jobs": 9,
        }
    ]


def test_default_comes_first() -> None:
    """The scheduler's default is ours, and the first that people see."""
    queues = _queues(
        Slurm(_partition(PartitionName="long", Default="NO"), _partition())
    )

    assert [(q["name"], q["default"]) for q in queues] == [
        ("normal", True),
        ("long", False),
    ]
    assert "max_memory" not in queues[1]


def test_no_default() -> None:
    """Where the scheduler has no default, the first partition is ours."""
    queues = _queues(
        Slurm(_partition(Default="NO"), _partition(PartitionName="long", Default="NO"))
    )

    assert [q["default"] for q in queues] == [True, False]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("1-12:30:05", "36:30:05"),
        ("02:00:00", "02:00:00"),
        ("30:00", "00:30:00"),
        ("100-00:00:00", "999:59:59"),
        ("UNLIMITED", "04:00:00"),
        ("00:00:00", "04:00:00"),
        ("", "04:00:00"),
    ],
)
def test_run_time(time: str, expected: str) -> None:
    """Slurm's times are those of our queues; without one the file's holds."""
    (queue,) = _queues(Slurm(_partition(MaxTime=time)))

    assert queue["max_run_time"] == expected


@pytest.mark.parametrize(
    "partition",
    [
        _partition(State="DOWN"),
        _partition(State="INACTIVE"),
        _partition(PartitionName="empty"),
        _partition(PartitionName="*odd*"),
        "",
    ],
)
def test_unusable_partition(partition: str) -> None:
    """What takes no jobs, or has no name that a job can say, is no queue."""
    queues, reason = find_queues(USUAL, Slurm(partition))

    assert (queues, reason) == ([], "sinfo shows no partition with a node")


@pytest.mark.parametrize(
    ("program", "said", "expected"),
    [
        ("sinfo", "x\nsinfo: error: slurm_load: Unable to contact\n", "slurm_load"),
        ("sinfo", "", "sinfo ended with 1"),
        ("scontrol", "no way\n", "no way"),
        ("scontrol", "", "scontrol ended with 1"),
    ],
)
def test_silent_scheduler(program: str, said: str, expected: str) -> None:
    """A scheduler that does not answer says why."""
    queues, reason = find_queues(USUAL, Slurm(_partition()).fail(program, 1, said))

    assert queues == []
    assert reason.startswith(expected)


def test_ask() -> None:
    """A program is run, and its output or its complaint read."""
    good = "print('out')"
    bad = "import sys; print('bad', file=sys.stderr); sys.exit(3)"

    assert ask_slurm([sys.executable, "-c", good]) == (0, "out\n")
    assert ask_slurm([sys.executable, "-c", bad]) == (3, "bad\n")
    assert ask_slurm(["no-sinfo"]) == (127, "there is no no-sinfo here")
    assert ask_slurm(["/"]) == (1, "/ did not answer (Permission denied)")
