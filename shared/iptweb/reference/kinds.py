"""From the types of answers to JSON Schema (2020-12)."""

from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from iptweb.http import Response

from .docs import meanings_of, read_docs

__all__ = ["Definitions", "Schema"]

Schema = dict[str, Any]

_PLAIN: Final[Mapping[Any, Schema]] = {
    Any: {},
    Response: {},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    NoneType: {"type": "null"},
}


class Definitions:
    """The named schemas of one document, each under `#/$defs/<name>`.

    Args:
        closed: Whether an answer may have no field that is not known.  Callers should
            not mind fields that come later; tests do.

    Attributes:
        schemas: By name.
    """

    def __init__(self, *, closed: bool = False) -> None:
        self.schemas: dict[str, Schema] = {}
        self._closed = closed
        self._kinds: dict[str, Any] = {}

    def add(self, name: str, schema: Schema, kind: Any = None) -> Schema:
        """Name a schema, and return the reference to it.

        Raises:
            ValueError: Something else has that name.
        """
        known = self._kinds.setdefault(name, kind or name)
        if known != (kind or name):
            raise ValueError(f"two types are named {name}")
        self.schemas[name] = schema
        return {"$ref": f"#/$defs/{name}"}

    def of(self, kind: Any) -> Schema:
        """Return the schema of what a view returns.

        Raises:
            TypeError: No answer can be of that type.
        """
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if hasattr(kind, "__required_keys__"):
            return self._of_fields(kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"enum": [each.value for each in kind]}
        return self._of_generic(kind)

    def _of_generic(self, kind: Any) -> Schema:
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Literal:
            return {"enum": list(inner)}
        if origin in {Union, UnionType}:
            return unite([self.of(each) for each in inner])
        if origin is list:
            return {"type": "array", "items": self.of(inner[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        raise TypeError(f"an answer can't have the type {kind}")

    def _of_fields(self, kind: Any) -> Schema:
        meanings = meanings_of(kind)
        hints = get_type_hints(kind)
        schema: Schema = {
            "title": kind.__name__,
            "description": read_docs(kind).summary,
            "type": "object",
            "properties": {
                name: {**self.of(inner), "description": meanings.get(name, "")}
                for name, inner in hints.items()
            },
            "required": [name for name in hints if name in kind.__required_keys__],
            **({"additionalProperties": False} if self._closed else {}),
        }
        return self.add(kind.__name__, schema, kind)


def unite(schemas: list[Schema]) -> Schema:
    """Return the schema of what satisfies one of several."""
    if all(schema.keys() == {"enum"} for schema in schemas):
        return {"enum": [value for schema in schemas for value in schema["enum"]]}
    if all(schema.keys() == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}
