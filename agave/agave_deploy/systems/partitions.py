"""What a cluster's partitions give, against what the queues of a file promise."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agave_deploy.systems.fields import to_seconds
from agave_deploy.systems.model import Queue

__all__ = ["SHOW_NODES", "SHOW_PARTITIONS", "Partition", "read_partitions"]

# Nodes that differ in anything are not put together, so no number ends in a plus sign.
SHOW_NODES: Final = "sinfo --noheader --exact --format='%R|%c|%m|%D|%t'"
SHOW_PARTITIONS: Final = "scontrol --oneliner show partition"
_NODES: Final = re.compile(
    r"^([^|\n]+)\|(\d{1,9})\+?\|(\d{1,9})\+?\|(\d{1,9})\|([a-z_]{1,20})[^|\n]*$",
    re.ASCII | re.MULTILINE,
)
_FACT: Final = re.compile(r"\b(\w+)=(\S+)")
_TIME: Final = re.compile(r"(?:(\d+)-)?(\d+):(\d+):(\d+)", re.ASCII)
_MIB: Final = {"MB": 1, "GB": 1024, "TB": 1024**2}
_NOT_USABLE: Final = ("down", "drain", "drng", "fail", "maint", "no_respond", "unk")


@dataclass(frozen=True)
class Partition:
    """One partition; zero where nobody tells, or where there is no limit.

    Attributes:
        state: `UP`, or why no job begins there.
        nodes: most of a job.
        processors: most of a node.
        seconds: most of a job.
        mib: most memory of a node.
        usable: how many of its nodes take jobs; None where nobody tells.
    """

    state: str
    nodes: int
    processors: int
    seconds: int
    mib: int
    usable: int | None

    def differences(self, queue: Queue) -> Iterator[str]:
        """Say what a queue promises that jobs will not get."""
        promises = (
            ("max_nodes", queue.max_nodes, self.nodes),
            ("max_processors", queue.max_processors, self.processors),
            ("max_run_time", to_seconds(queue.max_run_time), self.seconds),
            ("max_memory", _to_mib(queue.max_memory), self.mib),
        )
        for field, promised, most in promises:
            if most and promised > most:
                given = getattr(queue, field)
                yield f"{field} is {given}; the partition gives {_write(field, most)}"
        if self.state not in {"UP", ""}:
            yield f"the partition is {self.state} now, and begins no job"
        elif self.usable == 0:
            yield "all nodes of the partition are down or drained now"


def read_partitions(nodes: str, partitions: str) -> dict[str, Partition]:
    """Return what there is, by name.

    Args:
        nodes: answer to `SHOW_NODES`.
        partitions: answer to `SHOW_PARTITIONS`.
    """
    kinds: dict[str, list[_Kind]] = {}
    for name, *numbers, state in _NODES.findall(nodes):
        processors, mib, count = map(int, numbers)
        is_usable = not state.lower().startswith(_NOT_USABLE)
        kind = _Kind(processors, mib, count if is_usable else 0)
        kinds.setdefault(name, []).append(kind)
    found = {}
    for line in partitions.splitlines():
        facts = dict(_FACT.findall(line))
        name = facts.get("PartitionName", "")
        found[name] = _to_partition(facts, kinds.get(name, []))
    return found


@dataclass(frozen=True)
class _Kind:
    """Nodes that are alike, and how many of them take jobs."""

    processors: int
    mib: int
    usable: int


def _to_partition(facts: Mapping[str, str], kinds: list[_Kind]) -> Partition:
    most = max((kind.mib for kind in kinds), default=0)
    return Partition(
        state=facts.get("State", ""),
        nodes=_least(_number(facts, "MaxNodes"), _number(facts, "TotalNodes")),
        processors=_least(
            _number(facts, "MaxCPUsPerNode"),
            max((kind.processors for kind in kinds), default=0),
        ),
        seconds=_to_seconds(facts.get("MaxTime", "")),
        # 1 is what Slurm says of a node whose memory nobody gave.
        mib=_least(_number(facts, "MaxMemPerNode"), most if most > 1 else 0),
        usable=sum(kind.usable for kind in kinds) if kinds else None,
    )


def _number(facts: Mapping[str, str], name: str) -> int:
    text = facts.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _least(*limits: int) -> int:
    return min((limit for limit in limits if limit), default=0)


def _to_seconds(text: str) -> int:
    """Return the seconds of Slurm's `1-00:00:00`."""
    match = _TIME.fullmatch(text)
    if match is None:
        return 0
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _to_mib(size: str) -> int:
    return int(size[:-2]) * _MIB[size[-2:]] if size else 0


def _write(field: str, most: int) -> str:
    if field == "max_run_time":
        return f"{most // 3600:02}:{most // 60 % 60:02}:{most % 60:02}"
    return f"{most}MB" if field == "max_memory" else str(most)
