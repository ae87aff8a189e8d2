"""What would make a job again: its document, read back into the fields of a form.

The inverse of `document`.  A job may have been submitted by somebody's own script, so
whatever does not fit a field is left empty for the person to fill in.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from .registry import Registry, System

__all__ = ["to_request"]


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

    def main(key: str) -> str:
        return "".join(files(key)[:1])

    request = {
        "kind": kind,
        "system": name,
        "args": _text(parameters.get("args")),
        "files": [path for path in files("supplementalFiles") if path],
        "modules": _texts(parameters.get("modules")),
    }
    if kind == "compile":
        return request | {
            "command": _text(parameters.get("command")),
            "source": main("driver"),
            "output": _text(parameters.get("output")),
        }
    processors = _count(raw.get("processorsPerNode"))
    command = _text(parameters.get("command"))
    return request | {
        "binary": main("binary"),
        "launcher": _launcher(registry.find(name), command, processors),
        "threads": _count(parameters.get("threads")),
        "queue": _text(raw.get("batchQueue")),
        "nodes": _count(raw.get("nodeCount")),
        "processors": processors,
        "run_time": _text(raw.get("maxRunTime")),
    }


def _launcher(system: System, command: str, processors: int) -> str:
    """Return the launcher's template, as the registry and the form have it."""
    for template in system.launchers:
        if template.replace("{processors}", str(processors)) == command:
            return template
    return ""


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
