"""Does a request in a process of its own.

Clang works through hostile texts there, so it is a process that has nothing: a clean
environment, a folder with the program, limits on memory and time, and no way to
answer but its output.  It is stopped when its time is over.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ipt.errors import ServiceRefused
from ipt.service.files import Limits, check_files, sources_of, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.service.request import EngineRequest

__all__ = ["COMMAND", "serve_in_child"]

# -I: neither the environment nor the folder with the program decides what is imported.
COMMAND = (sys.executable, "-I", "-m", "ipt.service")
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
_TIME = -signal.SIGXCPU
# What the kernel or the C++ library does when there is no more memory.
_MEMORY = (-signal.SIGKILL, -signal.SIGABRT)


def serve_in_child(
    request: EngineRequest,
    files: Mapping[str, bytes],
    limits: Limits | None = None,
    command: Sequence[str] = COMMAND,
    temporary: Path | None = None,
) -> dict[str, Any]:
    """Do a request within limits.

    Args:
        request: What to do.
        files: The program, the main file first.
        limits: On the files, the memory and the time.
        command: What starts the engine.
        temporary: Where the folder with the program is made; the usual place if None.

    Returns:
        JSON values; docs/ipt/function.md describes them.  Texts have a lone surrogate
        for every byte that is not UTF-8, as by `surrogateescape`.

    Raises:
        ServiceRefused: The request cannot be done; says why.
    """
    limits = limits or Limits()
    check_files(files, limits)
    order = {
        "request": request.to_json(),
        "sources": sources_of(files),
        "limits": {
            "memory": limits.memory,
            "seconds": limits.seconds,
            "answer": limits.answer_size,
        },
    }
    try:
        with TemporaryDirectory(prefix="ipt-", dir=temporary) as folder:
            program = Path(folder, "program")
            program.mkdir()
            write_files(files, program)
            done = _run(command, json.dumps(order).encode(), program, limits)
    except OSError as error:
        raise ServiceRefused(
            "internal",
            "There is no room here for a program's files, or for one more process. "
            "Try again in a minute; if it stays, tell whoever runs this.",
        ) from error
    return _read(done, limits)


def _run(
    command: Sequence[str], order: bytes, folder: Path, limits: Limits
) -> subprocess.CompletedProcess[bytes]:
    # Not a pipe: what comes through one is in the memory of this process at once.
    answer = folder.with_name("answer.json")
    try:
        with answer.open("wb") as stdout:
            done = subprocess.run(
                command,
                input=order,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=_ENVIRONMENT,
                timeout=limits.seconds,
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise _too_slow(limits) from None
    with answer.open("rb") as said:
        done.stdout = said.read(limits.answer_size)
    return done


def _read(done: subprocess.CompletedProcess[bytes], limits: Limits) -> dict[str, Any]:
    if done.returncode == _TIME:
        raise _too_slow(limits)
    if done.returncode in _MEMORY:
        raise _too_large(limits)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ServiceRefused(
            "crash",
            "Clang or ipt broke down over this program. Try it in smaller parts; "
            "deeply nested macros and expressions are what it may be.",
        ) from None
    if "refused" not in answer:
        return answer
    refused = answer["refused"]
    if refused["reason"] == "memory":
        raise _too_large(limits)
    raise ServiceRefused(refused["reason"], refused["message"], refused["question"])


def _too_slow(limits: Limits) -> ServiceRefused:
    return ServiceRefused(
        "time",
        f"ipt was not done with this program after {limits.seconds:g} seconds, and "
        "was stopped. Allow it more time, send fewer files, or split long functions.",
    )


def _too_large(limits: Limits) -> ServiceRefused:
    return ServiceRefused(
        "memory",
        f"ipt needed more than {limits.memory >> 20} MiB for this program. Send fewer "
        "files, or split long functions; macros that grow may be what it is.",
    )
