"""The page of a function, made of its document."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from .document import SCHEMA
from .examples import Example
from .facts import Facts
from .failures import ANY_ROUTE
from .kinds import Schema
from .tables import of_answer, of_body, to_anchor, to_table

__all__ = ["own_routes", "write_page"]

_GRANTS: Final[Mapping[str, str]] = {
    "members": "those who may use the instance",
    "admins": "the administrators of the instance, and the service account",
    "nobody": "nobody by a right of their own",
}
_TOKEN: Final[Mapping[bool | None, str]] = {
    True: "Own token: needed in `authorization`.",
    False: "Own token: not needed.",
    None: "Own token: needed in `authorization` for what is in the home.",
}
_NONCE: Final = "; whoever has the nonce of its alias, signed in or not"
_REFERENCE: Final = re.compile(r"#/\$defs/(\w+)$")
_SENTENCES: Final = re.compile(r"(?<=[.:;]) +(?=[A-Z])")
_WIDTH: Final = 88
_HEAD: Final = (
    "<!-- Written by `./build.sh reference` from the function's code. -->\n"
    "<!-- Examples are messages of a test, with its answers. -->"
)


def write_page(
    document: Schema, facts: Facts, examples: Mapping[str, Sequence[Example]]
) -> str:
    """Return the Markdown of a function's page.

    Args:
        document: What `describe` returns.
        facts: What the manifest says.
        examples: By the names of routes.
    """
    parts = [
        _HEAD,
        f"# `{facts.name}`",
        facts.description,
        document["description"],
        _write_facts(facts, document),
        *(
            part
            for route in own_routes(document)
            for part in _write_route(route, document, examples.get(route["name"], ()))
        ),
        *_write_kinds(document),
        "## Errors of all routes",
        _write_errors([asdict(each) for each in ANY_ROUTE]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _write_facts(facts: Facts, document: Schema) -> str:
    schema = f"schemas/{facts.name}.json"
    who = _GRANTS[facts.grants] + (_NONCE if facts.nonce else "")
    rows = [
        ("alias", f"`<instance>-{facts.name}`, such as `dev-{facts.name}`"),
        ("who may send messages", who),
        ("schedule", f"`{facts.cron}`" if facts.cron else "none"),
        ("messages at a time", str(facts.workers or "as many as the tenant lets it")),
        (
            "JSON Schema",
            f"[{schema}]({schema}); of the revision that runs: `GET {SCHEMA}`",
        ),
    ]
    links = ", ".join(
        f"[{_title(route)}](#{_anchor(route)})" for route in own_routes(document)
    )
    return to_table(("", ""), [*rows, ("routes", links)])


def own_routes(document: Schema) -> list[Schema]:
    """Return the routes of a function, without the one that all have."""
    return [route for route in document["routes"] if route["path"] != SCHEMA]


def _title(route: Schema) -> str:
    return f"{route['method']} {route['path']}"


def _anchor(route: Schema) -> str:
    """Return what GitHub makes of a heading."""
    plain = re.sub(r"[^\w -]", "", _title(route).lower())
    return plain.replace(" ", "-")


def _write_route(
    route: Schema, document: Schema, examples: Sequence[Example]
) -> Iterator[str]:
    yield f"## `{_title(route)}`"
    yield route["summary"]
    yield _unwrap(route["description"])
    yield _TOKEN[route["own_token"]]
    for part in ("query", "body"):
        if route[part]:
            yield from _write_model(part, route[part], document)
    yield f"Answer: status {route['status']}, {_write_answer(route, document)}"
    if route["errors"]:
        yield "Errors, beside [those of all routes](#errors-of-all-routes):"
        yield _write_errors(route["errors"])
    for example in examples:
        yield "Example:"
        yield f"```json\n{_dump(example.message)}\n```"
        yield f"```json\n{_dump(example.answer)}\n```"


def _write_model(part: str, reference: str, document: Schema) -> Iterator[str]:
    schema = _resolve(reference, document)
    for each in schema.get("oneOf", [schema]):
        model = _resolve(each["$ref"], document) if "$ref" in each else each
        about = model["description"].rstrip(".")
        yield f"{part.capitalize()}, `{model['title']}`: {about}."
        yield of_body(model)


def _write_answer(route: Schema, document: Schema) -> str:
    body = _resolve(route["answer"], document)["properties"]["body"]
    found = [
        to_anchor(each["$ref"].rpartition("/")[2])
        for each in body.get("anyOf", [body])
        if "$ref" in each
    ]
    return f"{' or '.join(found)}."


def _write_errors(errors: Sequence[Mapping[str, Any]]) -> str:
    rows = [(str(e["status"]), f"`{e['code']}`", str(e["meaning"])) for e in errors]
    return to_table(("status", "code", "when"), rows)


def _write_kinds(document: Schema) -> Iterator[str]:
    """Write what answers are made of, and parts of bodies."""
    known = document["$defs"]
    routes = document["routes"]
    written = {route[part] for route in routes for part in ("query", "body")}
    several = (known[ref.rpartition("/")[2]] for ref in written if ref)
    inner = {each["$ref"] for one in several for each in one.get("oneOf", ())}
    yield "## Types"
    for name, schema in known.items():
        reference = f"#/$defs/{name}"
        if not _REFERENCE.fullmatch(reference) or reference in written | inner:
            continue
        yield f"### {name}"
        yield schema["description"]
        is_body = schema.get("additionalProperties") is False
        if schema["properties"]:
            yield of_body(schema) if is_body else of_answer(schema)


def _resolve(reference: str, document: Schema) -> Schema:
    found: Schema = document["$defs"][reference.rpartition("/")[2]]
    return found


def _unwrap(text: str) -> str:
    """Return a docstring's text with a sentence on each line, as pages have it."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(_SENTENCES.sub("\n", paragraph) for paragraph in paragraphs)


def _dump(value: Any, indent: str = "", used: int = 0) -> str:
    """Return JSON on few lines: what is short stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + used + len(flat) <= _WIDTH or not isinstance(value, dict | list):
        return flat
    deeper = indent + "  "
    if isinstance(value, list):
        lines = [deeper + _dump(each, deeper, 1) for each in value]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    lines = [
        f"{deeper}{json.dumps(name)}: {_dump(inner, deeper, len(name) + 4)}"
        for name, inner in value.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
