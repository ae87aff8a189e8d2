"""The bridge: a body becomes a request to the engine, what it returns an answer.

The only place that knows `ipt` and `iptweb`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from functions.parallelize.answers import Analysis, Offers, Result
from functions.parallelize.bodies import (
    INLINE,
    MOST_SECONDS,
    AnalyzeBody,
    ParallelizeBody,
)
from functions.parallelize.program import LIMITS, Home, check_text, read_program
from ipt.errors import ServiceRefused
from ipt.service import EngineRequest, offers, serve_in_child
from iptweb.errors import (
    IptwebError,
    PayloadTooLarge,
    ResultTooLarge,
    Unprocessable,
)
from iptweb.http import Response
from iptweb.runtime import Call
from iptweb.runtime.results import MAX_FRAME, encode_frame

__all__ = ["analyze", "list_offers", "parallelize"]

_REPORT: Final = "ipt-report.json"
_DIFF: Final = "ipt-changes.diff"
_ANSWERS: Final = "ipt-answers.json"
_ANALYSIS: Final = "ipt-analysis.json"
_LONGEST_MESSAGE: Final = 10_000


def parallelize(call: Call, body: ParallelizeBody) -> Result:
    """Have a program made parallel.

    Raises:
        Unprocessable: The engine refuses; `details.reason` says what it is about.
        PayloadTooLarge: The answer does not fit.
    """
    options = body.options
    request = EngineRequest(
        body.mode,
        answers=body.answers,
        defaults=body.defaults,
        exact=options.exact,
        restructure=options.restructure,
        rose_names=options.rose_names,
        model=options.model,
        include=options.include,
        define=options.define,
        standard=options.standard,
    )
    home = Home(call, body) if body.save_to else None
    found = _serve(call, request, read_program(call, body), body.seconds)
    result: dict[str, Any] = {**_EMPTY, **found, "saved": []}
    if home is not None and result["status"] != "asking":
        result["saved"] = home.save(_texts_of(result))
        result["sources"] = [
            {"origin": each["origin"], "name": each["name"]}
            for each in result["sources"]
        ]
        for name in ("report", "diff"):
            result.pop(name)
    elif not body.report:
        result.pop("report", None)
    for each in result["sources"]:
        check_text(each["name"], each.get("text", ""))
    return cast("Result", _fitting(result))


_EMPTY: Final[Mapping[str, Any]] = {
    "reason": "",
    "questions": [],
    "answers": {},
    "unused_answers": [],
    "sources": [],
    "compile": "",
    "notes": [],
}


def analyze(call: Call, body: AnalyzeBody) -> Analysis:
    """Have a program looked at.

    Raises:
        Unprocessable: The engine refuses; `details.reason` says what it is about.
        PayloadTooLarge: The answer does not fit.
    """
    request = EngineRequest(
        "analyze",
        include=body.options.include,
        define=body.options.define,
        standard=body.options.standard,
        functions=body.functions,
    )
    home = Home(call, body) if body.save_to else None
    found = _serve(call, request, read_program(call, body), body.seconds)
    remarks = found.pop("remarks")
    if home is not None:
        saved = home.save({_ANALYSIS: _to_text(found)})
        return {"remarks": remarks, "saved": saved}
    result = {"analysis": found, "remarks": remarks, "saved": []}
    return cast("Analysis", _fitting(result))


def list_offers() -> Offers:
    """Return what can be asked for."""
    limits = {
        "files": LIMITS.files,
        "inline_bytes": INLINE,
        "file_bytes": LIMITS.file_size,
        "total_bytes": LIMITS.total_size,
        "answer_bytes": MAX_FRAME,
        "seconds": MOST_SECONDS,
        "memory_bytes": LIMITS.memory,
        "questions": EngineRequest("ask").most_questions,
    }
    return cast("Offers", {**offers(), "limits": limits})


def _serve(
    call: Call, request: EngineRequest, files: Mapping[str, bytes], seconds: int
) -> dict[str, Any]:
    """Ask the engine, and put its refusals into our words."""
    call.log.write(
        "engine", action=request.action, files=len(files), answers=len(request.answers)
    )
    try:
        return serve_in_child(request, files, replace(LIMITS, seconds=seconds))
    except ServiceRefused as error:
        details: dict[str, object] = {"reason": error.reason}
        if error.question:
            details |= {"field": "answers", "question": error.question}
        message = error.message
        if len(message) > _LONGEST_MESSAGE:  # a line of the program may be that long
            message = message[:_LONGEST_MESSAGE] + " …"
        if error.reason == "internal":
            raise IptwebError(message, details=details) from error
        kind = PayloadTooLarge if error.reason == "size" else Unprocessable
        raise kind(message, details=details) from error


def _texts_of(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what is saved of a result, by the names of the files."""
    found = {each["name"]: each["text"] for each in result["sources"]}
    if result["diff"]:
        found[_DIFF] = result["diff"]
    if result["answers"]:
        found[_ANSWERS] = _to_text(result["answers"])
    return {**found, _REPORT: _to_text(result["report"])}


def _to_text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _fitting(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body that one result frame has room for.

    Raises:
        PayloadTooLarge: It has none.
    """
    try:
        encode_frame(Response(body))
    except ResultTooLarge:
        raise PayloadTooLarge(
            f"The answer has more than {MAX_FRAME} bytes, which is what one result "
            "has room for. Name a folder of your home in save_to, leave out the "
            "report, or send fewer files.",
            details={"reason": "too_large", "field": "save_to"},
        ) from None
    return body
