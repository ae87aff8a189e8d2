"""The states of a job, in the order in which it goes through them."""

from enum import StrEnum


class Status(StrEnum):
    """Where a job is (spec: Agave v2 conventions, jobs)."""

    PENDING = "PENDING"
    PROCESSING_INPUTS = "PROCESSING_INPUTS"
    STAGING_INPUTS = "STAGING_INPUTS"
    STAGED = "STAGED"
    STAGING_JOB = "STAGING_JOB"
    SUBMITTING = "SUBMITTING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    CLEANING_UP = "CLEANING_UP"
    ARCHIVING = "ARCHIVING"
    ARCHIVING_FINISHED = "ARCHIVING_FINISHED"
    ARCHIVING_FAILED = "ARCHIVING_FAILED"
    FINISHED = "FINISHED"
    KILLED = "KILLED"
    STOPPED = "STOPPED"
    FAILED = "FAILED"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in OVER

    @property
    def can_stop(self) -> bool:
        """Whether a person can still put an end to the job."""
        return self in STOPPABLE


# Signs of life, of which there may be many; no state.
HEARTBEAT = "HEARTBEAT"
OVER = frozenset({Status.FINISHED, Status.KILLED, Status.STOPPED, Status.FAILED})
STOPPABLE = frozenset(
    {
        Status.PENDING,
        Status.PROCESSING_INPUTS,
        Status.STAGING_INPUTS,
        Status.STAGED,
        Status.STAGING_JOB,
        Status.SUBMITTING,
        Status.QUEUED,
        Status.RUNNING,
        Status.CLEANING_UP,
        Status.ARCHIVING,
    }
)
# What is done in these is done again, from the beginning, after a restart.
STAGING = frozenset(
    {
        Status.PROCESSING_INPUTS,
        Status.STAGING_INPUTS,
        Status.STAGED,
        Status.STAGING_JOB,
        Status.SUBMITTING,
    }
)

DESCRIPTIONS = {
    Status.PENDING: "Job accepted and queued for submission.",
    Status.PROCESSING_INPUTS: "Identifying input files for staging",
    Status.STAGING_INPUTS: "Transferring job input data to execution system",
    Status.STAGED: "Job inputs staged to execution system",
    Status.STAGING_JOB: "Staging runtime assets to execution system",
    Status.SUBMITTING: (
        "Preparing job for execution and staging assets to execution system"
    ),
    Status.QUEUED: "Job successfully placed into queue",
    Status.RUNNING: "Job started running",
    Status.CLEANING_UP: "Job completed execution",
    Status.ARCHIVING: "Transferring job output to archive system",
    Status.ARCHIVING_FINISHED: "Job archiving complete",
    Status.ARCHIVING_FAILED: "Job archiving failed",
    Status.FINISHED: "Job complete",
    Status.KILLED: "Job execution killed at user request",
    Status.STOPPED: "Job execution intentionally stopped",
    Status.FAILED: "Job failed",
}
