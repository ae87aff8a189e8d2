"""The first page of the reference: all functions, and what every one has in common."""

from collections.abc import Sequence
from typing import Final

from .facts import Facts
from .kinds import Schema
from .pages import own_routes
from .tables import to_table

__all__ = ["write_index"]

_INTRODUCTION: Final = """\
<!-- Written by `./build.sh reference` from the functions' code. -->

# Reference of the functions

Each function takes one JSON message and gives one JSON answer; \
[automation.md](../automation.md) shows how to send one, and section 5 of \
[architecture.md](../architecture.md) has what these pages leave out.
A page has the routes of a function, its fields with their limits, its answers and \
errors, and examples that a test has run.
Beside it is a JSON Schema (2020-12): a message to the function satisfies the document \
itself, and `routes` says where each route has its `message`, `query`, `body`, \
`answer` and `error`.
A function that is deployed serves the document of its own revision as `GET /schema`.
Answers may get further fields in time; a program should pass over what it does \
not know.
"""
_OUTLINE: Final = """\
A message is `{"method", "path", "query", "body", "authorization"}`; `method` is `GET` \
where it is left out.
Values of a query are texts, whole numbers, true or false.
Paths of files are relative to the home; `~/x` and `/home/ipt/x` are taken, too.
The answer is `{"status", "headers", "body"}`, in a refusal with the body \
`{"error": {"code", "message", "details", "request_id"}}`.
"""


def write_index(functions: Sequence[tuple[Facts, Schema]]) -> str:
    """Return the Markdown of the index.

    Args:
        functions: What the manifest says of each, and its document.
    """
    rows = [
        (
            f"[`{facts.name}`]({facts.name}.md)",
            facts.description,
            ", ".join(
                f"`{one['method']} {one['path']}`" for one in own_routes(document)
            ),
            f"[schema](schemas/{facts.name}.json)",
        )
        for facts, document in functions
    ]
    table = to_table(("function", "does", "routes", ""), rows)
    return f"{_INTRODUCTION}\n{_OUTLINE}\n{table}\n"
