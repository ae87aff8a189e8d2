"""From the models of queries and bodies to JSON Schema.

The schema takes what `read_body` takes, and refuses what that refuses; whether the
fields make sense together is for the function to say.
"""

import dataclasses
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Final, Literal, cast, get_args, get_origin, get_type_hints

from iptweb.http import Model

from .docs import meanings_of, read_docs
from .kinds import Definitions, Schema

__all__ = ["of_body", "of_query"]

# A pattern may match anywhere, and `$` also before a line's end.
_NO_CONTROL: Final = {"not": {"pattern": "[\\u0000-\\u001f\\u007f]"}}
_MISSING: Final = dataclasses.MISSING
_LONGEST: Final = 1000
_LARGEST: Final = 2**53
_ABOUT: Final = ("description", "default")
_DIGITS: Final = "^[0-9]{1,16}$"


def of_body(model: Model, definitions: Definitions) -> Schema:
    """Return the schema of a body: an object that has no other fields."""
    if isinstance(model, UnionType):
        return {"oneOf": [of_body(each, definitions) for each in get_args(model)]}
    schema = _of_fields(model, definitions) | {"additionalProperties": False}
    return definitions.add(model.__name__, schema, model)


def of_query(model: Model, definitions: Definitions) -> Schema:
    """Return the schema of a query, whose numbers may be texts.

    Other names in it are for the platform, and passed over.
    """
    kind = cast("type", model)
    schema = _of_fields(kind, definitions)
    schema["properties"] = {
        name: _or_text(each) for name, each in schema["properties"].items()
    }
    return definitions.add(kind.__name__, schema, kind)


def _or_text(schema: Schema) -> Schema:
    match schema.get("type"):
        case "integer":
            text: Schema = {"type": "string", "pattern": _DIGITS}
        case "boolean":
            text = {"enum": ["true", "false"]}
        case _:
            return schema
    limits = dict(schema)
    about: Schema = {key: limits.pop(key) for key in _ABOUT if key in limits}
    return {"anyOf": [limits, text], **about}


def _of_fields(model: type, definitions: Definitions) -> Schema:
    hints = get_type_hints(model)
    meanings = meanings_of(model)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for field in dataclasses.fields(cast("Any", model)):
        schema = {
            **_of_field(field, hints[field.name], definitions),
            "description": meanings.get(field.name, ""),
        }
        if field.default is not _MISSING:
            several = isinstance(field.default, tuple)
            schema["default"] = list(field.default) if several else field.default
        elif field.default_factory is _MISSING:
            required.append(field.name)
        properties[field.name] = schema
    return {
        "title": model.__name__,
        "description": read_docs(model).summary,
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _of_field(
    field: "dataclasses.Field[Any]", kind: Any, definitions: Definitions
) -> Schema:
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if dataclasses.is_dataclass(kind):
        return of_body(cast("type", kind), definitions)
    if kind not in _WRITERS:
        raise TypeError(f"{field.name}: a model can't have the type {kind}")
    return _WRITERS[kind](field)


def _of_flag(field: "dataclasses.Field[Any]") -> Schema:
    del field
    return {"type": "boolean"}


def _of_number(field: "dataclasses.Field[Any]") -> Schema:
    limits = field.metadata
    least, most = limits.get("least", 0), limits.get("most", _LARGEST)
    return {"type": "integer", "minimum": least, "maximum": most}


def _of_text(field: "dataclasses.Field[Any]") -> Schema:
    limits = field.metadata
    pattern = limits.get("pattern")
    return {
        "type": "string",
        **({"minLength": 1} if field.default is _MISSING else {}),
        "maxLength": limits.get("max_length", _LONGEST),
        **({"pattern": _whole(pattern)} if pattern else {}),
        **_NO_CONTROL,
    }


def _of_texts(field: "dataclasses.Field[Any]") -> Schema:
    longest = field.metadata.get("max_length", _LONGEST)
    each = {"type": "string", "maxLength": longest, **_NO_CONTROL}
    most = field.metadata.get("most", 100)
    return {"type": "array", "items": each, "maxItems": most}


def _of_numbers(field: "dataclasses.Field[Any]") -> Schema:
    limits = field.metadata
    each = {"type": "integer", "minimum": 1, "maximum": limits["largest"]}
    return {"type": "array", "items": each, "minItems": 1, "maxItems": limits["most"]}


def _of_table(field: "dataclasses.Field[Any]") -> Schema:
    limits = field.metadata
    name = {"type": "string", "pattern": _whole(limits["pattern"])}
    text = {"type": "string", "maxLength": limits["max_length"]}
    text |= {} if limits["lines"] else _NO_CONTROL
    entry = {
        "type": "object",
        "properties": {"name": name, "text": text},
        "required": ["name", "text"],
        "additionalProperties": False,
    }
    most = limits["most"]
    return {
        "anyOf": [
            {
                "type": "object",
                "propertyNames": name,
                "additionalProperties": text,
                "maxProperties": most,
            },
            {"type": "array", "items": entry, "maxItems": most},
        ]
    }


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


_WRITERS: Final[Mapping[Any, Callable[["dataclasses.Field[Any]"], Schema]]] = {
    bool: _of_flag,
    int: _of_number,
    str: _of_text,
    tuple[str, ...]: _of_texts,
    tuple[int, ...]: _of_numbers,
    Mapping[str, str]: _of_table,
}
