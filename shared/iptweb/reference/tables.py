"""Tables of Markdown, made of JSON Schemas."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .kinds import Schema

__all__ = ["of_answer", "of_body", "to_anchor", "to_table"]

_BOUNDS: Final = (
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minimum", "from {}"),
    ("maximum", "to {}"),
    ("minItems", "at least {} entries"),
    ("maxItems", "at most {} entries"),
    ("maxProperties", "at most {} entries"),
    ("pattern", "`{}`"),
)


def to_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown, and may hold bars."""
    lines = [_line(titles), _line(["---"] * len(titles)), *map(_line, rows)]
    return "\n".join(lines)


def of_body(schema: Schema) -> str:
    """Return the table of an object's fields, with their limits and defaults."""
    required = schema["required"]
    rows = [
        (
            f"`{name}`",
            _kind_of(field),
            _limits_of(field),
            "needed" if name in required else _default_of(field),
            str(field.get("description", "")),
        )
        for name, field in schema["properties"].items()
    ]
    return to_table(("field", "type", "limits", "default", "meaning"), rows)


def of_answer(schema: Schema) -> str:
    """Return the table of the fields that an answer has."""
    required = schema["required"]
    rows = [
        (
            f"`{name}`" if name in required else f"`{name}` (not always)",
            _kind_of(field),
            str(field.get("description", "")),
        )
        for name, field in schema["properties"].items()
    ]
    return to_table(("field", "type", "meaning"), rows)


def to_anchor(name: str) -> str:
    """Return the link to a type's part of the page."""
    return f"[{name}](#{name.lower()})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _kind_of(schema: Schema) -> str:
    if "$ref" in schema:
        return to_anchor(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_kind_of, schema["anyOf"])))
    kinds = schema.get("type", "anything")
    names = [kinds] if isinstance(kinds, str) else kinds
    if names == ["array"]:
        return f"list of {_kind_of(schema['items'])}"
    return " or ".join(names)


def _limits_of(schema: Schema) -> str:
    if "anyOf" in schema:
        found = dict.fromkeys(map(_limits_of, schema["anyOf"][:1]))
        return "; ".join(each for each in found if each)
    told = [
        words.format(schema[key])
        for key, words in _BOUNDS
        if key in schema and (key, schema[key]) != ("minLength", 1)
    ]
    inner = _limits_of(schema["items"]) if "items" in schema else ""
    return "; ".join([*told, *([f"each {inner}"] if inner else [])])


def _default_of(schema: dict[str, Any]) -> str:
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""
