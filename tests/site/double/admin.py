"""The function `admin`, for people and hosts that a test describes."""

from typing import Any, Final

from .frames import Frame, error
from .state import State

COMMANDS: Final = {
    "start": "READY",
    "stop": "STOPPED",
    "restart": "READY",
    "sync": "",
}


def answer_admin(
    state: State, method: str, path: str, query: dict[str, Any], body: dict[str, Any]
) -> Frame:
    """Answer one message."""
    if method == "GET":
        return _answer_list(state, path, query)
    if not body.get("request_id"):
        return error(400, "bad_request", "request_id is missing.", "request_id")
    _, kind, name, action = path.split("/")
    if kind == "hosts":
        host = next(one for one in state.hosts if one["name"] == name)
        is_drained = action == "drain"
        host |= {"drained": is_drained, "drained_by": "ada" if is_drained else ""}
        return 200, {**host, "audit_id": "1"}
    if action == "record":
        state.others = [one for one in state.others if one["user"] != name]
        return 200, {"user": name, "deleted": True, "audit_id": "1"}
    terminal = next(one for one in state.others if one["user"] == name)
    terminal |= describe(COMMANDS[action] or terminal["status"])
    return 200, {**terminal, "audit_id": "1"}


def _answer_list(state: State, path: str, query: dict[str, Any]) -> Frame:
    match path:
        case "/hosts":
            return 200, {"hosts": state.hosts}
        case "/terminals":
            name, entries = "terminals", state.others
        case "/jobs":
            name, entries = "jobs", state.all_jobs
        case _:
            name, entries = "entries", state.audit
    search = query.get("search", "").lower()
    fitting = [
        one
        for one in entries
        if search in str(one).lower()
        and all(
            one[key] == value
            for key, value in query.items()
            if key in one and key not in {"search", "idle_s"}
        )
    ]
    begin, size = query["offset"], query["limit"]
    return 200, {
        name: fitting[begin : begin + size],
        "total": len(fitting),
        "days": 30,
        "complete": all(one.get("status") for one in entries),
        "source": "Jobs submitted through this instance.",
        "counts": {"READY": sum(one.get("status") == "READY" for one in entries)},
    }


def describe(status: str) -> dict[str, Any]:
    """Return what goes with a terminal's status."""
    is_up = status == "READY"
    return {
        "status": status,
        "host": "cluster-1" if is_up else "",
        "age_s": 3700 if is_up else None,
        "idle_s": 65 if is_up else None,
        "can_delete": not is_up,
    }


def other_terminal(user: str, status: str, **changes: Any) -> dict[str, Any]:
    """Return somebody's terminal as `GET /terminals` lists it."""
    return {
        "name": f"{user}-dev-IPT",
        "user": user,
        "reason": "",
        "launch": f"launch-of-{user}",
        "since": "2026-11-20T10:00:00.000Z",
        "queued": "",
        "message": "",
        "state_s": 3700,
        **describe(status),
        **changes,
    }


def other_host(name: str, **changes: Any) -> dict[str, Any]:
    """Return a host as `GET /hosts` lists it."""
    return {
        "name": name,
        "capacity": None,
        "terminals": 1,
        "drained": False,
        "drained_by": "",
        "drained_since": "",
        "drained_in_settings": False,
        **changes,
    }


def audit_entry(number: int, **changes: Any) -> dict[str, Any]:
    """Return an action as `GET /audit` lists it."""
    return {
        "id": f"{number}",
        "at": f"2026-11-20T10:00:{number % 60:02}.000Z",
        "by": "ada",
        "action": "stop",
        "target": "charles",
        "request_id": f"request-{number}",
        "ended": "2026-11-20T10:00:01.000Z",
        "result": "done",
        "code": "",
        "message": "",
        **changes,
    }


def furnish_admin(tenant: Any) -> None:
    """Give administrators something to look at."""
    tenant.others = [
        other_terminal("charles", "READY"),
        other_terminal("a-name-as-long-as-they-may-be-32", "READY", idle_s=None),
        other_terminal("grace", "STOPPED", reason="It ended by itself."),
        other_terminal("joan", "PENDING", queued="2026-11-20T10:00:00Z", position=1),
        other_terminal("mary", "ERROR", reason="The start took too long."),
    ]
    since = "2026-11-20T10:00:00.000Z"
    tenant.hosts = [
        other_host("cluster-1", capacity=40, terminals=2),
        other_host("cluster-2", drained=True, drained_by="grace", drained_since=since),
        other_host("cluster-3", drained=True, drained_in_settings=True),
    ]
    job = {
        "id": "7a1b2c3d-0000-4000-8000-00000000000a-007",
        "user": "charles",
        "name": "ipt-compile-heat-0a1b2c3d4e5f",
        "kind": "compile",
        "created": since,
        "status": "FINISHED",
        "system": "local",
        "system_label": "This machine",
        "started": since,
        "ended": since,
        "exit_code": 0,
    }
    unknown = {"id": "8", "kind": "build-run", "status": None, "system_label": ""}
    tenant.all_jobs = [job, {**job, **unknown, "system": ""}]
    tenant.audit = [
        audit_entry(3, action="delete-record", result="refused", message="It runs."),
        audit_entry(2, action="drain", target="cluster-2", result="unknown"),
        audit_entry(1),
    ]
