"""What Slurm says of a job that it has, in words for the job's owner."""

import re

from agave_local.services.jobs.order import Exit
from agave_local.services.jobs.schedulers.base import State

_MOST_WORDS = 300


def to_state(word: str) -> State:
    """Return where a job is, by Slurm's word for it."""
    word = _first(word)
    if word in _WAITING:
        return State.WAITING
    return State.RUNNING if word in _RUNNING else State.GONE


def to_exit(word: str) -> Exit | None:
    """Return how a job that is gone ended; None where its script knows more."""
    return _EXITS.get(_first(word))


def to_end(word: str, reason: str) -> str:
    """Return why a job is gone that left no last word."""
    state = _first(word)
    message = _ENDS.get(state, "The scheduler does not know the job any more.")
    # A job script that can't even be started is told of by a signal.
    if state == "FAILED" and reason not in ("", "None", "NonZeroExitCode"):
        message = f"{message} The scheduler says: {clean(reason)}."
    return message


def to_reason(word: str, code: str) -> str:
    """Return why a job waits, by Slurm's word for its state and its reason code."""
    if word in _WAITING_WORDS:
        return _WAITING_WORDS[word]
    if code in ("", "None", "N/A"):
        return ""
    known = _REASONS.get(code.partition(",")[0])
    if known is not None:
        return known
    for pattern, message in _REASON_KINDS:
        if pattern.search(code):
            return message
    return f"The scheduler says: {clean(code)}."


def _first(word: str) -> str:
    """Return a state without what may stand behind it, as in `CANCELLED by 1000`."""
    return word.partition(" ")[0]


def clean(text: str) -> str:
    """Return words of the scheduler without control characters and paths."""
    text = "".join(mark if mark.isprintable() else " " for mark in text)
    return re.sub(r"(?<!\w)/[^\s:,;'\"]+", "…", text)[:_MOST_WORDS]


def when(pattern: str) -> re.Pattern[str]:
    """Return a pattern to look for what Slurm says."""
    return re.compile(pattern, re.IGNORECASE)


_WAITING = {
    *("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED"),
    *("REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"),
}
_RUNNING = {
    *("RUNNING", "COMPLETING", "SUSPENDED", "STOPPED"),
    *("SIGNALING", "RESIZING", "STAGE_OUT"),
}
_WAITING_WORDS = {
    "CONFIGURING": "Its nodes are being made ready.",
    "REQUEUED": "The scheduler has put it back in the queue.",
    "REQUEUE_FED": "The scheduler has put it back in the queue.",
    "REQUEUE_HOLD": "The scheduler has put it back in the queue and holds it back.",
    "SPECIAL_EXIT": "The scheduler has put it back in the queue and holds it back.",
    "RESV_DEL_HOLD": "The reservation that it was for is gone.",
}
_EXITS = {
    "TIMEOUT": Exit("time"),
    "DEADLINE": Exit("time"),
    "CANCELLED": Exit("ended"),
    "REVOKED": Exit("ended"),
    "NODE_FAIL": Exit("lost"),
    "BOOT_FAIL": Exit("lost"),
    "OUT_OF_MEMORY": Exit("lost"),
    "PREEMPTED": Exit("lost"),
}
_ENDS = {
    "TIMEOUT": "Its run time was over.",
    "DEADLINE": "It could not end before the scheduler's deadline.",
    "CANCELLED": "It was cancelled at the scheduler.",
    "REVOKED": "It was cancelled at the scheduler.",
    "NODE_FAIL": "A node on which it ran has failed.",
    "BOOT_FAIL": "A node for it could not be started.",
    "OUT_OF_MEMORY": "It used more memory than it had asked for.",
    "PREEMPTED": "The scheduler ended it to make room for a more urgent job.",
    "COMPLETED": "It ended without saying how.",
    "FAILED": "It failed before its program could run, or without saying how.",
}
_REASONS = {
    "Resources": "It waits for free processors.",
    "Priority": "Other jobs come before it.",
    "Dependency": "It waits for another job.",
    "DependencyNeverSatisfied": "The job that it waits for will never be done.",
    "BeginTime": "Its time to begin has not come.",
    "JobHeldUser": "It is held back by its account; somebody has to release it there.",
    "JobHeldAdmin": "An administrator of the system holds it back.",
    "Licenses": "It waits for a licence.",
    "PartitionTimeLimit": (
        "It asks for more run time than its queue allows, so it will not start."
    ),
    "PartitionNodeLimit": (
        "It asks for more nodes than its queue allows, so it will not start."
    ),
    "PartitionDown": "Its queue is closed for now.",
    "PartitionInactive": "Its queue is closed for now.",
    "ReqNodeNotAvail": "Nodes that it needs are not available for now.",
    "NodeDown": "A node that it needs is down.",
    "BadConstraints": "No node has what it asks for, so it will not start.",
    "InvalidAccount": "The scheduler does not know its account.",
    "InvalidQOS": "The scheduler does not know its quality of service.",
    "Reservation": "It waits for its reservation.",
    "Prolog": "Its nodes are being made ready.",
    "Cleaning": "Its nodes are being made ready.",
}
_REASON_KINDS = (
    (when(r"down, drained"), "Nodes that it needs are not available for now."),
    (
        when(r"^(QOS|Assoc|Max).*(Jobs|Submit)"),
        "As many jobs run as the scheduler allows at once.",
    ),
    (
        when(r"^(QOS|Assoc|Max).*(Wall|Minutes|Billing|Usage)"),
        "The run time that the scheduler grants is used up.",
    ),
    (
        when(r"^(QOS|Assoc|Max)"),
        "As much is in use as the scheduler allows at once.",
    ),
    (when(r"held"), "The scheduler holds it back after a failed start."),
)
