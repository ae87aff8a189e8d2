"""The document of a function: one JSON Schema for its messages, with all its answers.

A message to the function satisfies the document itself.  `routes` says under which
`#/$defs/…` each route has its path, query, body, answer and error.
"""

import re
import sys
from typing import Any, Final, get_type_hints

from iptweb.http import App, Route

from .docs import read_docs
from .failures import ANY_ROUTE, Failure, failures_of
from .kinds import Definitions, Schema
from .models import of_body, of_query

__all__ = ["SCHEMA", "describe", "name_of", "offer_schema"]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_BEARER: Final = "^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9._~+/=-]{1,4096}$"
SCHEMA: Final = "/schema"
# What the short form of a message stands for.
_SHORT: Final = ("POST", "/terminals")


def describe(app: App[Any], *, closed: bool = False) -> Schema:
    """Return the document of a function.

    Args:
        app: Its routes.
        closed: Whether answers may have no fields that are not known; for tests.
    """
    definitions = Definitions(closed=closed)
    routes = [_describe_route(app, route, definitions) for route in _in_order(app)]
    forms = [{"$ref": route["message"]} for route in routes]
    forms += [
        {"$ref": route["body"]}
        for route in routes
        if (route["method"], route["path"]) == _SHORT
    ]
    return {
        "$schema": _DRAFT,
        "$id": f"urn:ipt:function:{app.name}",
        "title": f"A message to the function {app.name}",
        "description": _describe_package(app),
        "anyOf": forms,
        "routes": routes,
        "$defs": dict(sorted(definitions.schemas.items())),
    }


def offer_schema(app: App[Any]) -> None:
    """Give a function the route that serves its own document."""

    @app.route(SCHEMA)
    def show_schema(_call: object) -> dict[str, Any]:
        """Show the JSON Schema of this function's messages and answers."""
        return describe(app)


def name_of(app: App[Any], route: Route) -> str:
    """Return what a route is called: its view, and its method where there are more."""
    name = route.view.__name__
    same = [each for each in app.routes() if each.view is route.view]
    return name if len(same) == 1 else f"{name}.{route.method.lower()}"


def _in_order(app: App[Any]) -> list[Route]:
    """Return the routes, that of the document last."""
    return sorted(app.routes(), key=lambda route: route.path == SCHEMA)


def _describe_package(app: App[Any]) -> str:
    view = _in_order(app)[0].view
    package = sys.modules[view.__module__.rpartition(".")[0]]
    docs = read_docs(package)
    return f"{docs.summary}\n\n{docs.text}".strip()


def _describe_route(app: App[Any], route: Route, definitions: Definitions) -> Schema:
    name = name_of(app, route)
    failures = failures_of(route)
    parts: dict[str, Schema | None] = {
        "parameters": _of_path(name, route.path, definitions),
        "query": of_query(route.query, definitions) if route.query else None,
        "body": _of_body(name, route, definitions),
        "answer": _of_answer(name, route, definitions),
        "error": _of_error(name, (*ANY_ROUTE, *failures), definitions),
    }
    parts["message"] = _of_message(name, route, parts, definitions)
    docs = read_docs(route.view)
    return {
        "name": name,
        "method": route.method,
        "path": route.path,
        "summary": docs.summary,
        "description": docs.text,
        "own_token": route.own_token,
        "status": route.status,
        "errors": [vars(failure) for failure in failures],
        **{part: found["$ref"] if found else None for part, found in parts.items()},
    }


def _of_path(name: str, path: str, definitions: Definitions) -> Schema | None:
    names = _PARAMETER.findall(path)
    if not names:
        return None
    each = {"type": "string", "minLength": 1, "not": {"pattern": "/"}}
    schema: Schema = {
        "type": "object",
        "properties": dict.fromkeys(names, each),
        "required": names,
        "additionalProperties": False,
    }
    return definitions.add(f"{name}.parameters", schema)


def _of_body(name: str, route: Route, definitions: Definitions) -> Schema | None:
    if not route.body:
        return None
    schema = of_body(route.body, definitions)
    return schema if "$ref" in schema else definitions.add(f"{name}.body", schema)


def _of_answer(name: str, route: Route, definitions: Definitions) -> Schema:
    kind = get_type_hints(route.view).get("return", Any)
    return _of_frame(
        f"{name}.answer", {"const": route.status}, definitions.of(kind), definitions
    )


def _of_error(
    name: str, failures: tuple[Failure, ...], definitions: Definitions
) -> Schema:
    text = {"type": "string"}
    body: Schema = {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "code": {"enum": sorted({each.code for each in failures})},
                    "message": text,
                    "details": {"type": "object"},
                    "request_id": text,
                },
                "required": ["code", "message", "details", "request_id"],
            }
        },
        "required": ["error"],
    }
    statuses = {"enum": sorted({each.status for each in failures})}
    return _of_frame(f"{name}.error", statuses, body, definitions)


def _of_frame(
    name: str, status: Schema, body: Schema, definitions: Definitions
) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {
            "status": status,
            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            "body": body,
        },
        "required": ["status", "headers", "body"],
    }
    return definitions.add(name, schema)


def _of_message(
    name: str,
    route: Route,
    parts: dict[str, Schema | None],
    definitions: Definitions,
) -> Schema:
    given = [(part, parts[part]) for part in ("query", "body")]
    inner = {part: reference for part, reference in given if reference}
    required = ["path"] if route.method == "GET" else ["method", "path"]
    required += [part for part in inner if _is_needed(inner[part], definitions)]
    message: Schema = {
        "type": "object",
        "properties": {
            "method": {"const": route.method, "default": "GET"},
            "path": _of_whole_path(route.path),
            "query": inner.get("query", {"type": "object"}),
            "body": inner.get("body", {"type": "object"}),
            "authorization": {"type": "string", "pattern": _BEARER},
        },
        "required": [*required, *(["authorization"] if route.own_token else [])],
        "additionalProperties": False,
    }
    return definitions.add(f"{name}.message", message)


def _is_needed(reference: Schema, definitions: Definitions) -> bool:
    schema = definitions.schemas[reference["$ref"].rpartition("/")[2]]
    return "oneOf" in schema or bool(schema["required"])


def _of_whole_path(path: str) -> Schema:
    if not _PARAMETER.search(path):
        return {"const": path}
    fixed = [re.escape(part) for part in _PARAMETER.sub("\0", path).split("\0")]
    return {"type": "string", "pattern": f"^{'[^/]+'.join(fixed)}$"}
