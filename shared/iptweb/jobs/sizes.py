"""How large a job is, and whether its queue has room for that."""

import re
from dataclasses import dataclass
from typing import Final

from iptweb.errors import BadRequest

from .registry import Queue, System, to_seconds

__all__ = ["Sizes", "check_sizes", "read_memory", "to_megabytes", "to_memory"]

_MEMORY: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([MGT])B?", re.IGNORECASE)
# As many as the platform reads as well.
_MOST_MEGABYTES: Final = 999_999_999
_MEGABYTES: Final = {"M": 1, "G": 1024, "T": 1024 * 1024}


@dataclass(frozen=True)
class Sizes:
    """What a job asks its queue for.

    Attributes:
        queue: None where the system has none.
        nodes: How many.
        ranks: Processes altogether, spread evenly over the nodes.
        threads: Of each rank.
        run_time: `HH:MM:SS`.
        memory: On each node, such as `4GB`; empty for all that the queue has.
    """

    queue: Queue | None
    nodes: int
    ranks: int
    threads: int
    run_time: str
    memory: str = ""

    @property
    def processors(self) -> int:
        """Processors on each node: one for each thread of each rank that lies on it."""
        return -(-self.ranks // self.nodes) * self.threads


def check_sizes(
    sizes: Sizes, *, ranks: str = "ranks", threads: str = "threads"
) -> None:
    """Refuse a job that its queue has no room for.

    Args:
        sizes: Of the job.
        ranks: The field that the ranks came from, to be named.
        threads: The field that the threads came from.

    Raises:
        BadRequest: Names the field and the limit.
    """
    seconds = to_seconds(sizes.run_time)
    if not seconds:
        raise BadRequest(
            "run_time must be HH:MM:SS, such as 00:10:00.", field="run_time"
        )
    queue = sizes.queue
    if queue is not None:
        if seconds > queue.max_seconds:
            raise _over("run_time", queue, queue.max_run_time)
        if sizes.nodes > queue.max_nodes:
            raise _over("nodes", queue, str(queue.max_nodes))
        _check_memory(sizes.memory, queue)
    if sizes.nodes > sizes.ranks:
        raise BadRequest(
            f"{ranks} must be at least {sizes.nodes}, one on each of the nodes.",
            field=ranks,
        )
    if queue is not None and sizes.processors > queue.max_processors:
        raise _no_room(sizes, queue, ranks, threads)


def _over(field: str, queue: Queue, most: str) -> BadRequest:
    return BadRequest(
        f"{field} is over the limit of queue {queue.name}: {most}.", field=field
    )


def _no_room(sizes: Sizes, queue: Queue, ranks: str, threads: str) -> BadRequest:
    """Return the refusal of too many processors; it blames what fills a node most."""
    most = queue.max_processors
    room = f"queue {queue.name} has {most} on a node"
    if sizes.ranks == 1 or sizes.threads > most:
        return BadRequest(
            f"{threads} asks for {sizes.threads} processors; {room}.", field=threads
        )
    each = f" of {sizes.threads} threads" if sizes.threads > 1 else ""
    return BadRequest(
        f"{ranks} asks for {sizes.ranks} ranks{each} on {sizes.nodes} "
        f"{'node' if sizes.nodes == 1 else 'nodes'}: {sizes.processors} processors "
        f"on a node; {room}.",
        field=ranks,
    )


def _check_memory(memory: str, queue: Queue) -> None:
    asked, most = to_megabytes(memory), to_megabytes(queue.max_memory)
    if asked and most and asked > most:
        raise _over("memory", queue, queue.max_memory)


def read_memory(text: str, system: System) -> str:
    """Return an amount of memory as the document has it, empty for none.

    Raises:
        BadRequest: It is no amount.
    """
    if not text:
        return ""
    megabytes = to_megabytes(text)
    if not 0 < megabytes <= _MOST_MEGABYTES:
        raise BadRequest(
            "memory must be an amount for each node, such as 4GB or 512MB; leave it "
            f"empty for all that the queue of {system.label} has.",
            field="memory",
        )
    return to_memory(megabytes)


def to_megabytes(text: str) -> int:
    """Return the megabytes of a text such as `1.5GB`; 0 if it is no amount."""
    match = _MEMORY.fullmatch(text.strip())
    if match is None:
        return 0
    return round(float(match[1]) * _MEGABYTES[match[2].upper()])


def to_memory(megabytes: int) -> str:
    """Return the text of an amount, in the largest unit that leaves it whole."""
    if megabytes % 1024 == 0:
        return f"{megabytes // 1024}GB"
    return f"{megabytes}MB"
