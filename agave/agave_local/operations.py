"""Which operations of agavepy the tenant has, computed from the routes.

`operations.txt` lists every operation of agavepy 0.9.5 with its method and path.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from itertools import groupby

from agave_local.app import all_routes
from agave_local.call import Route

DONE, PARTIAL, MISSING = "done", "partial", "501"


@dataclass(frozen=True)
class Operation:
    """One operation, and how much of it is here.

    Attributes:
        name: such as `meta.listMetadata`.
        method: HTTP method.
        path: with its variables in braces.
        state: `done`, `partial` or `501`.
        note: what is left out, of one that is partial.
    """

    name: str
    method: str
    path: str
    state: str
    note: str = ""

    @property
    def service(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]


def coverage(routes: Iterable[Route] | None = None) -> list[Operation]:
    """Return each operation of agavepy 0.9.5, and how much of it is here.

    Args:
        routes: of the tenant; all of them where None.
    """
    here = {
        route.operation: route
        for route in (all_routes() if routes is None else routes)
        if route.is_implemented
    }
    return [
        Operation(name, method, path, *_state(here.get(name)))
        for name, method, path in known_operations()
    ]


def beyond_agavepy() -> list[Operation]:
    """Return what the tenant has of the contract that agavepy has no name for."""
    known = {name for name, _, _ in known_operations()}
    return [
        Operation(
            route.operation,
            route.method,
            route.rule.replace("<", "{").replace(">", "}"),
            *_state(route if route.is_implemented else None),
        )
        for route in all_routes()
        if route.operation not in known
    ]


def known_operations() -> list[tuple[str, str, str]]:
    """Return the name, method and path of every operation of agavepy."""
    text = resources.files("agave_local").joinpath("operations.txt").read_text("utf-8")
    rows = (line.split() for line in text.splitlines())
    return [(name, method, path) for name, method, path in rows]


def to_markdown() -> str:
    """Return the coverage page, `docs/local-tenant-operations.md`."""
    operations = coverage()
    count = {
        state: sum(operation.state == state for operation in operations)
        for state in (DONE, PARTIAL, MISSING)
    }
    return "\n".join(
        [
            "# What the local tenant has",
            "",
            "Made by `agave-local operations --markdown`; do not edit.",
            "",
            f"agavepy 0.9.5 has {len(operations)} operations.",
            f"{count[DONE]} of them are done, {count[PARTIAL]} are partial, and",
            f"{count[MISSING]} answer 501 and name themselves.",
            "",
            *_tables(operations, "agavepy's"),
            *_tables(beyond_agavepy(), "beyond agavepy"),
        ]
    )


def _tables(operations: list[Operation], whose: str) -> list[str]:
    lines: list[str] = []
    for service, group in groupby(operations, lambda operation: operation.service):
        lines += [f"## {service}, {whose}", ""]
        lines += ["| operation | request | state |", "|---|---|---|"]
        for operation in group:
            state = operation.state
            if operation.note:
                state = f"{state}: {operation.note}"
            request = f"`{operation.method} {operation.path}`"
            lines.append(f"| {operation.name} | {request} | {state} |")
        lines.append("")
    return lines


def _state(route: Route | None) -> tuple[str, str]:
    if route is None:
        return MISSING, ""
    return (PARTIAL, route.note) if route.note else (DONE, "")
