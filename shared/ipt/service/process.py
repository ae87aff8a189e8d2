"""What the process does that works on one request: order in, answer out, as JSON.

Its folder has the program.  Limits come first, before Clang is loaded.
"""

from __future__ import annotations

import json
import resource
from typing import TYPE_CHECKING, Any, TextIO

from ipt.errors import (
    AnswersError,
    ClangFailed,
    IptError,
    ServiceRefused,
    SourceError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    SetLimit = Callable[[int, tuple[int, int]], None]

__all__ = ["answer", "main", "set_limits", "to_text"]

_OUT_OF_MEMORY = {"refused": {"reason": "memory", "message": "", "question": ""}}


def main(
    stdin: TextIO, stdout: TextIO, set_limit: SetLimit = resource.setrlimit
) -> None:
    """Read the order, do it, and write the answer."""
    order = json.load(stdin)
    set_limits(order["limits"], set_limit)
    stdout.write(to_text(answer(order), int(order["limits"]["answer"])))


def to_text(value: Mapping[str, Any], most: int) -> str:
    """Return an answer as JSON, or a refusal where it has too many bytes.

    A line of the program may be a megabyte, and it comes with each of its loops.
    """
    try:
        text = json.dumps(value)
    except MemoryError:
        return json.dumps(_OUT_OF_MEMORY)
    if len(text) <= most:
        return text
    message = (
        f"What ipt says of this program has more than {most >> 20} MiB. Send fewer "
        "files, or break long lines."
    )
    return json.dumps({"refused": _describe(ServiceRefused("size", message), 0)})


def set_limits(limits: Mapping[str, float], set_limit: SetLimit) -> None:
    """Limit this process for good, never beyond what it is limited to already."""
    for kind, most in (
        (resource.RLIMIT_AS, int(limits["memory"])),
        (resource.RLIMIT_CPU, int(limits["seconds"]) + 1),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, int(limits["answer"])),
    ):
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        set_limit(kind, (bound, bound))


def answer(order: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is ordered; a refusal is an answer, too."""
    try:
        # Clang is loaded within the limits.
        from ipt.service.engine import serve  # noqa: PLC0415
        from ipt.service.request import EngineRequest  # noqa: PLC0415

        return serve(EngineRequest.from_json(order["request"]), order["sources"])
    except MemoryError:
        return _OUT_OF_MEMORY
    except IptError as error:
        return {"refused": _describe(error, int(order["limits"]["memory"]))}


def _describe(error: IptError, memory: int) -> dict[str, str]:
    message, question = error.message, ""
    match error:
        case ServiceRefused():
            reason = error.reason
        case AnswersError():
            reason, question = "answer", error.question
        case ClangFailed():
            reason = "crash"
            message += (
                " Macros that grow, or a need for more than "
                f"{memory >> 20} MiB of memory, may be the reason."
            )
        case SourceError():
            reason = "source"
        case _:
            reason = "request"
    return {"reason": reason, "message": message, "question": question}
