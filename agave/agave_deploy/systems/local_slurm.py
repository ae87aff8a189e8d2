"""The queues of this machine's own Slurm, as `sinfo` and `scontrol` tell them.

A laptop's partitions are what its owner made them; the file of the system names one
that fits a Slurm which does not tell.
"""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from agave_deploy.errors import in_words

__all__ = ["Answer", "ask_slurm", "find_queues"]

Answer = tuple[int, str]
Ask = Callable[[Sequence[str]], Answer]

_PATIENCE_S: Final = 10
_NODES: Final = ("sinfo", "--noheader", "--format=%R|%c|%m")
_PARTITIONS: Final = ("scontrol", "--oneliner", "show", "partition")
_QUEUE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_TIME: Final = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", re.ASCII)
_LONGEST: Final = 999 * 3600 + 3599
# The number of nodes that are not alike ends in a plus sign.
_NODE_LINE: Final = re.compile(
    r"^([^|\n]+)\|(\d{1,9})\+?\|(\d{1,9})\+?$", re.ASCII | re.MULTILINE
)


def ask_slurm(command: Sequence[str]) -> Answer:
    """Run a command of Slurm; return its exit code and what it said."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except FileNotFoundError:
        return 127, f"there is no {command[0]} here"
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, f"{command[0]} did not answer ({in_words(error)})"
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


def find_queues(
    usual: Mapping[str, Any], ask: Ask = ask_slurm
) -> tuple[list[dict[str, Any]], str]:
    """Return the queues of this machine's Slurm, and why there are none.

    Args:
        usual: the queue of the file, for what a partition does not limit.
        ask: runs a command of Slurm.

    Returns:
        The queues as the file of a system has them, the default one first, and an
        empty text; or no queue, and the reason in words.
    """
    code, said = ask(_NODES)
    if code:
        return [], _last_line(said) or f"sinfo ended with {code}"
    nodes = _read_nodes(said)
    code, said = ask(_PARTITIONS)
    if code:
        return [], _last_line(said) or f"scontrol ended with {code}"
    queues = [
        queue
        for line in said.splitlines()
        if (queue := _to_queue(_read_line(line), nodes, usual))
    ]
    if not queues:
        return [], "sinfo shows no partition with a node"
    queues.sort(key=lambda queue: not queue["default"])
    queues[0]["default"] = True  # Slurm needs none, our forms do
    return queues, ""


def _read_nodes(said: str) -> dict[str, tuple[int, int]]:
    """Return the least processors and megabytes of a node, by partition."""
    found: dict[str, tuple[int, int]] = {}
    for name, *numbers in _NODE_LINE.findall(said):
        processors, memory = map(int, numbers)
        before = found.get(name, (processors, memory))
        found[name] = (min(before[0], processors), min(before[1], memory))
    return found


def _read_line(line: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in line.split())
    return {key: value for key, _, value in pairs}


def _to_queue(
    partition: Mapping[str, str],
    nodes: Mapping[str, tuple[int, int]],
    usual: Mapping[str, Any],
) -> dict[str, Any] | None:
    name = partition.get("PartitionName", "")
    processors, memory = nodes.get(name, (0, 0))
    is_hidden = partition.get("State") in {"DOWN", "INACTIVE"}
    if not _QUEUE.fullmatch(name) or not processors or is_hidden:
        return None
    queue = {
        **usual,
        "name": name,
        "description": f"The partition {name}",
        "default": partition.get("Default") == "YES",
        "max_nodes": 1,  # its jobs are in sandboxes, which hold on one node
        "max_processors": processors,
        "max_run_time": _run_time(partition.get("MaxTime", ""), usual["max_run_time"]),
    }
    if memory > 1:  # 1 is what Slurm says of a node whose memory nobody gave
        queue["max_memory"] = f"{memory}MB"
    return queue


def _run_time(text: str, usual: str) -> str:
    """Return Slurm's `1-00:00:00` as HH:MM:SS."""
    match = _TIME.fullmatch(text)
    if match is None:
        return usual
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = min(((days * 24 + hours) * 60 + minutes) * 60 + seconds, _LONGEST)
    if not total:
        return usual
    return f"{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].removeprefix("sinfo: error: ").strip() if lines else ""
