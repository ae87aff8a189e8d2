"""What Slurm says, and what the owner of a job is told of it."""

from dataclasses import replace

import pytest

from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.schedulers.base import Run, State
from agave_local.services.jobs.schedulers.slurm_refusals import (
    is_silence,
    to_minutes,
    to_refusal,
)
from agave_local.services.jobs.schedulers.slurm_words import (
    to_end,
    to_exit,
    to_reason,
    to_state,
)

_FAILED = "sbatch: error: Batch job submission failed: "
_DEBUG = "PartitionName=debug MaxTime=02:30:00 MaxNodes=2 TotalNodes=9 State=UP"


def _run(queue: str = "debug", nodes: int = 1) -> Run:
    return Run("j", "/w", "/c", "/e", ("x",), "x", queue=queue, nodes=nodes)


@pytest.mark.parametrize(
    ("said", "nodes", "message", "may_pass"),
    [
        (
            "Requested time limit is invalid (missing or exceeds some limit)",
            1,
            "The queue debug allows at most 150 minutes of run time.",
            False,
        ),
        (
            "Invalid partition name specified",
            1,
            "The scheduler has no queue debug; choose another one.",
            False,
        ),
        (
            "Invalid account or account/partition combination specified",
            1,
            (
                "The scheduler does not know the account of the system for the queue "
                "debug; the system's operator has to set another one."
            ),
            False,
        ),
        (
            "Invalid qos specification",
            1,
            (
                "The scheduler does not know the quality of service that the queue "
                "debug names; the system's operator has to set another one."
            ),
            False,
        ),
        (
            "Node count specification invalid",
            3,
            "The queue debug allows at most 2 nodes for a job.",
            False,
        ),
        (
            "Requested node configuration is not available",
            1,
            (
                "The queue debug does not give a job 1 processors on 1 of its nodes; "
                "ask for less."
            ),
            False,
        ),
        (
            "Memory specification can not be satisfied",
            1,
            "The queue debug has no node with so much memory; ask for less.",
            False,
        ),
        (
            "Unable to contact slurm controller (connect failure)",
            1,
            "The scheduler does not answer.",
            True,
        ),
        (
            "Protocol authentication error",
            1,
            "The scheduler's sign-in service does not work on the system.",
            True,
        ),
        (
            "Required partition not available (inactive or drain)",
            1,
            "The queue debug is closed for now.",
            True,
        ),
        (
            "Required node not available (down, drained or reserved)",
            1,
            "The nodes of the queue debug are not available for now.",
            True,
        ),
        (
            "User not found on host",
            1,
            "The scheduler does not take jobs of the system's account.",
            False,
        ),
        (
            "I/O error writing script/environment to file",
            1,
            "The scheduler has no room for further jobs.",
            True,
        ),
        (
            "The moon /etc/secret/file is\x1b[31m full.",
            1,
            "The scheduler does not take the job: The moon … is [31m full.",
            False,
        ),
        ("", 1, "The scheduler does not take the job: it gives no reason.", False),
    ],
)
def test_refusals(said: str, nodes: int, message: str, may_pass: bool) -> None:  # noqa: FBT001 - a column of a table
    """What sbatch says is told in words, with the limits of the queue."""
    refusal = to_refusal(f"\n{_FAILED}{said}\n", _DEBUG, _run(nodes=nodes))

    assert (refusal.message, refusal.may_pass) == (message, may_pass)


def test_refusal_by_a_limit_on_jobs() -> None:
    """What is said in detail counts more than what is said in general."""
    said = (
        "sbatch: error: QOSMaxSubmitJobPerUserLimit\n"
        f"{_FAILED}Job violates accounting/QOS policy (job submit limit, ...)\n"
    )
    refusal = to_refusal(said, "", _run())

    assert refusal.message == (
        "The scheduler takes no more jobs of this account for now."
    )
    assert refusal.may_pass


@pytest.mark.parametrize(
    ("queue", "facts", "message"),
    [
        ("", "", "The usual queue does not allow so much run time."),
        ("d", "MaxTime=UNLIMITED", "The queue d does not allow so much run time."),
        ("d", "MaxTime=00:01:00", "The queue d allows at most 1 minute of run time."),
    ],
)
def test_time_of_queues(queue: str, facts: str, message: str) -> None:
    """A limit is named where it is known."""
    refusal = to_refusal("error: Requested time limit is invalid", facts, _run(queue))

    assert refusal.message == message


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Requested time limit is invalid", "The queue toobig allows at most 150 min"),
        ("Invalid partition name specified", "The scheduler has no queue toobig;"),
        ("Node count specification invalid", "The queue toobig allows at most 2 nodes"),
    ],
)
def test_name_of_a_queue(said: str, message: str) -> None:
    """A queue is called by the name that the job's owner chose it by."""
    run = replace(_run(nodes=3), queue_label="toobig")

    assert to_refusal(said, _DEBUG, run).message.startswith(message)


def test_nodes_of_queues() -> None:
    """A queue that is smaller than a job is told of with its size."""
    said = "error: Node count specification invalid"
    facts = "MaxNodes=UNLIMITED TotalNodes=1"

    assert to_refusal(said, facts, _run(nodes=4)).message == (
        "The queue debug has 1 node; the job asks for 4."
    )
    assert to_refusal(said, "MaxNodes=1", _run(nodes=4)).message == (
        "The queue debug allows at most 1 node for a job."
    )


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1-02:00:00", 1560), ("00:01:00", 1), ("UNLIMITED", None), ("", None)],
)
def test_minutes(text: str, minutes: int | None) -> None:
    """Slurm's way to write a time is read."""
    assert to_minutes(text) == minutes


@pytest.mark.parametrize(
    ("said", "silent"),
    [
        ("slurm_load_jobs error: Unable to contact slurm controller", True),
        ("scancel: error: Socket timed out on send/recv operation", True),
        ("scancel: error: Kill job error on job id 9: Invalid job id specified", False),
    ],
)
def test_silence(said: str, silent: bool) -> None:  # noqa: FBT001 - a column of a table
    """A controller that does not answer is told from a job that is over."""
    assert is_silence(said) is silent


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PENDING", State.WAITING),
        ("REQUEUE_HOLD", State.WAITING),
        ("RUNNING", State.RUNNING),
        ("COMPLETING", State.RUNNING),
        ("SUSPENDED", State.RUNNING),
        ("COMPLETED", State.GONE),
        ("CANCELLED by 1000", State.GONE),
        ("", State.GONE),
    ],
)
def test_states(word: str, state: State) -> None:
    """Every state of Slurm is one of three."""
    assert to_state(word) is state


@pytest.mark.parametrize(
    ("word", "ended"),
    [
        ("TIMEOUT", Exit("time")),
        ("DEADLINE", Exit("time")),
        ("CANCELLED by 0", Exit("ended")),
        ("NODE_FAIL", Exit("lost")),
        ("OUT_OF_MEMORY", Exit("lost")),
        ("PREEMPTED", Exit("lost")),
        ("BOOT_FAIL", Exit("lost")),
        ("COMPLETED", None),
        ("FAILED", None),
        ("", None),
    ],
)
def test_exits(word: str, ended: Exit | None) -> None:
    """How a job ended is known where its script could not say it."""
    assert to_exit(word) == ended


def test_ends() -> None:
    """Why a job is gone is told in words."""
    assert to_end("NODE_FAIL", "None") == "A node on which it ran has failed."
    assert to_end("", "") == "The scheduler does not know the job any more."
    assert to_end("FAILED", "RaisedSignal:53(Real-time_signal_19)").endswith(
        "The scheduler says: RaisedSignal:53(Real-time_signal_19)."
    )
    assert to_end("FAILED", "NonZeroExitCode").endswith("without saying how.")


@pytest.mark.parametrize(
    ("word", "code", "reason"),
    [
        ("PENDING", "None", ""),
        ("PENDING", "Resources", "It waits for free processors."),
        ("PENDING", "Priority", "Other jobs come before it."),
        (
            "PENDING",
            "ReqNodeNotAvail, UnavailableNodes:c1",
            "Nodes that it needs are not available for now.",
        ),
        (
            "PENDING",
            (
                "Nodes required for job are DOWN, DRAINED or reserved for jobs in "
                "higher priority partitions"
            ),
            "Nodes that it needs are not available for now.",
        ),
        (
            "PENDING",
            "QOSMaxJobsPerUserLimit",
            "As many jobs run as the scheduler allows at once.",
        ),
        (
            "PENDING",
            "AssocGrpCPUMinutesLimit",
            "The run time that the scheduler grants is used up.",
        ),
        (
            "PENDING",
            "QOSGrpNodeLimit",
            "As much is in use as the scheduler allows at once.",
        ),
        (
            "PENDING",
            "launch failed requeued held",
            "The scheduler holds it back after a failed start.",
        ),
        ("PENDING", "Some/thing|new", "The scheduler says: Some/thing|new."),
        ("CONFIGURING", "None", "Its nodes are being made ready."),
    ],
)
def test_reasons(word: str, code: str, reason: str) -> None:
    """Why a job waits is told in words, by whatever code."""
    assert to_reason(word, code) == reason
