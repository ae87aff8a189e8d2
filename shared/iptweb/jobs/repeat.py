"""What would make a job again: its document, read back into the fields of a form.

The inverse of `document`.  A job may have been submitted by somebody's own script, so
whatever does not fit a field is left empty for the person to fill in.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .launch import find_template, to_open_launcher
from .registry import Queue, Registry, System
from .sizes import to_megabytes, to_memory
from .webhook import url_of

__all__ = ["to_request"]

# What each kind's form calls the texts among its app's parameters.
_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "compile": {"command": "command", "output": "output"},
    "run": {},
    "build-run": {
        "compile": "compileCommand",
        "compile_args": "compileArgs",
        "output": "output",
    },
    "compare": {
        "serial_compile": "serialCompile",
        "parallel_compile": "parallelCompile",
    },
}
_FILES: Final[Mapping[str, Mapping[str, str]]] = {
    "compile": {"source": "driver"},
    "run": {"binary": "binary"},
    "build-run": {"source": "driver"},
    "compare": {"serial": "serial", "parallel": "parallel"},
}


def to_request(
    raw: Mapping[str, Any], registry: Registry, *, user: str, storage_system: str
) -> dict[str, Any] | None:
    """Return the fields of docs/architecture.md §5.3, without a request id.

    None where the job is not one of ours.
    """
    name, kind = registry.by_app(str(raw.get("appId", "")))
    inputs, parameters = raw.get("inputs"), raw.get("parameters")
    if not (name and isinstance(inputs, Mapping) and isinstance(parameters, Mapping)):
        return None

    def files(key: str) -> list[str]:
        home = f"/{user}/"
        paths: list[str] = []
        for uri in _texts(inputs.get(key)):
            parts = urlsplit(uri)
            path = unquote(parts.path)
            inside = parts.netloc == storage_system and path.startswith(home)
            paths.append(path.removeprefix(home) if inside else "")
        return paths

    request: dict[str, Any] = {
        "kind": kind,
        "system": name,
        "args": _text(parameters.get("args")),
        "files": [path for path in files("supplementalFiles") if path],
        "modules": _texts(parameters.get("modules")),
        "notify": url_of(raw.get("notifications")),
    }
    request |= {field: "".join(files(key)[:1]) for field, key in _FILES[kind].items()}
    request |= {
        field: _text(parameters.get(key)) for field, key in _TEXTS[kind].items()
    }
    if kind == "compile":
        return request
    system = registry.find(name)
    request |= _amounts(raw, system)
    if kind == "compare":
        request["parallel"] = request["parallel"] or request["serial"]
        return request | _counted(parameters, system, request["nodes"])
    return request | _started(raw, parameters, system, request["nodes"])


def _amounts(raw: Mapping[str, Any], system: System) -> dict[str, Any]:
    """Return what a job asked its queue for."""
    queue = _text(raw.get("batchQueue"))
    known = next((each for each in system.queues if each.name == queue), None)
    return {
        "queue": queue,
        "nodes": _count(raw.get("nodeCount")),
        "run_time": _text(raw.get("maxRunTime")),
        "memory": _memory(raw.get("memoryPerNode"), known),
    }


def _started(
    raw: Mapping[str, Any], parameters: Mapping[str, Any], system: System, nodes: int
) -> dict[str, Any]:
    """Return how a program was started.

    The document has the processors of each node; how many ranks there were stands in
    the launcher, if it was told.
    """
    threads = _count(parameters.get("threads"))
    command = _text(parameters.get("command"))
    launcher, ranks = find_template(command, system, nodes=nodes)
    if command and not ranks:
        ranks = nodes * max(1, _count(raw.get("processorsPerNode")) // threads)
    return {"launcher": launcher, "ranks": ranks or 1, "threads": threads}


def _counted(
    parameters: Mapping[str, Any], system: System, nodes: int
) -> dict[str, Any]:
    """Return what a comparison went through."""
    command = _text(parameters.get("launcher"))
    opened = {to_open_launcher(one, nodes): one for one in system.launchers[::-1]}
    words = _text(parameters.get("counts")).split()
    return {
        "launcher": opened.get(command, ""),
        "counts": [_count(word) for word in words],
        "repeats": _count(parameters.get("repeats")),
    }


def _memory(value: Any, queue: Queue | None) -> str:
    """Return an amount, which Agave has in gigabytes; empty for all of the queue's."""
    text = value if isinstance(value, str) else ""
    megabytes = to_megabytes(text) or _in_megabytes(value)
    most = to_megabytes(queue.max_memory) if queue else 0
    return to_memory(megabytes) if megabytes > 0 and megabytes != most else ""


def _in_megabytes(gigabytes: Any) -> int:
    try:
        return round(float(gigabytes) * 1024)
    except (TypeError, ValueError, OverflowError):
        return 0


def _texts(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [str(one) for one in many if one is not None and one != ""]


def _text(value: Any) -> str:
    return " ".join(_texts(value))


def _count(value: Any) -> int:
    """Return a number, which Agave may have made `4.0` or `"4"` of; 1 for none."""
    try:
        return max(1, int(float(value)))
    except (TypeError, ValueError, OverflowError):
        return 1
