"""The functions `job_submit` and `jobs`, for jobs that never run."""

import json
import re
from typing import Any

from .frames import Frame, error
from .samples import example_job
from .state import State


def answer_submissions(
    state: State,
    _method: str,
    path: str,
    _query: dict[str, Any],
    body: dict[str, Any],
) -> Frame:
    """Answer for `job_submit`."""
    if path == "/systems":
        return 200, {"systems": state.systems}
    names = "launcher command compile serial parallel binary source output args"
    line = " ".join(str(body.get(name, "")) for name in names.split())
    if path == "/jobs/preview":
        document = {"name": f"ipt-{body['kind']}-heat-{body['request_id']}"}
        return 200, {
            "command_line": " ".join(line.split()),
            "document": document,
            "curl": f"curl --data-raw '{json.dumps(document)}' /jobs/v2/",
            "warnings": state.warnings,
        }
    job = f"job-{body['request_id']}"
    state.jobs.setdefault(job, example_job(job, kind=body["kind"]))
    return 201, state.jobs[job]


def answer_jobs(
    state: State,
    method: str,
    path: str,
    query: dict[str, Any],
    body: dict[str, Any],
) -> Frame:
    """Answer for `jobs`."""
    if path == "/jobs":
        return 200, _page(state, query)
    found = re.fullmatch(r"/jobs/([^/]+)(/\w+)?", path)
    if found is None or found[1] not in state.jobs:
        return error(404, "not_found", "There is no such job.")
    if method == "DELETE":
        del state.jobs[found[1]]
        return 200, {}
    return _answer_part(state, state.jobs[found[1]], found[2], query, body)


def _answer_part(
    state: State,
    job: dict[str, Any],
    part: str | None,
    query: dict[str, Any],
    body: dict[str, Any],
) -> Frame:
    match part:
        case "/text":
            return 200, _piece(state, job, query)
        case "/diagnostics":
            return 200, state.diagnostics
        case "/comparison":
            tolerance = {"tolerance": float(query["tolerance"])}
            return 200, state.comparison | tolerance
        case "/resubmit":
            again = f"job-{body['request_id']}"
            made = example_job(again, kind=job["kind"])
            return 201, state.jobs.setdefault(again, made)
        case "/cancel":
            job.update(status="STOPPED", can_cancel=False)
        case _:
            pass
    return 200, job


def _page(state: State, query: dict[str, Any]) -> dict[str, Any]:
    offset, limit = query.get("offset", 0), query["limit"]
    jobs = [
        job
        for job in state.jobs.values()
        if query.get("kind", "") in {"", job["kind"]}
        and query.get("status", "") in {"", job["status"]}
        and query.get("system", "") in {"", job["system"]}
        and query.get("search", "") in job["name"]
    ]
    total, jobs = len(jobs), jobs[offset:]
    more = len(jobs) > limit
    page = {"jobs": jobs[:limit], "limit": limit, "offset": offset, "more": more}
    return page | {"total": total}


def _piece(state: State, job: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Return a piece of what the job printed, cut as bytes are."""
    whole = state.texts.get(query["stream"], "").encode()
    offset = query.get("offset", max(0, len(whole) - query.get("from_end", 0)))
    while "from_end" in query and whole[offset : offset + 1] >= b"\x80":
        offset += 1
    piece = whole[offset : offset + 65_536]
    reached = offset + len(piece)
    return {
        "text": piece.decode(errors="replace"),
        "offset": offset,
        "next_offset": reached,
        "size": len(whole),
        "done": not job["can_cancel"] and reached == len(whole),
    }
