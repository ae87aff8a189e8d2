"""Typed request models: a frozen dataclass says what a body may hold.

```
@dataclass(frozen=True)
class Rename:
    path: str = text()
    name: str = text(max_length=255)

rename = read_body(Rename, request.body)
```

Every refusal names the field and never repeats the value.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import (
    Any,
    Final,
    Literal,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from iptweb.errors import BadRequest

__all__ = [
    "flag",
    "number",
    "numbers",
    "part",
    "read_body",
    "read_query",
    "table",
    "text",
    "texts",
]

ModelT = TypeVar("ModelT")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MISSING = dataclasses.MISSING
_DIGITS = 16  # of 2**53


def text(
    *,
    default: Any = _MISSING,
    max_length: int = 1000,
    pattern: str | None = None,
    hint: str = "",
) -> Any:
    """Declare a text field; control characters are always refused.

    Args:
        default: Without one, the field is required and not empty.
        max_length: In characters.
        pattern: What the whole text must match.
        hint: The pattern in words, for the refusal.
    """
    return dataclasses.field(
        default=default,
        metadata={"max_length": max_length, "pattern": pattern, "hint": hint},
    )


def texts(*, most: int = 100, max_length: int = 1000) -> Any:
    """Declare a list of texts, empty by default."""
    return dataclasses.field(
        default=(), metadata={"most": most, "max_length": max_length}
    )


def number(*, default: Any = _MISSING, least: int = 0, most: int = 2**53) -> Any:
    """Declare a whole number with its bounds."""
    return dataclasses.field(default=default, metadata={"least": least, "most": most})


def numbers(*, default: Any = _MISSING, most: int = 100, largest: int) -> Any:
    """Declare a list of one or more whole numbers from 1 to the largest."""
    return dataclasses.field(
        default=default, metadata={"most": most, "largest": largest}
    )


def flag(*, default: bool) -> Any:
    """Declare true or false."""
    return dataclasses.field(default=default)


def table(
    *,
    most: int,
    max_length: int,
    pattern: str,
    hint: str,
    lines: bool = False,
) -> Any:
    """Declare texts by names, empty by default.

    It comes as an object, or where the order matters as a list of objects with
    `name` and `text`.

    Args:
        most: How many there may be.
        max_length: Of each text, in characters.
        pattern: What a whole name must match.
        hint: The pattern in words, for the refusal.
        lines: Whether the texts are files, with line breaks and what else they have.
    """
    return dataclasses.field(
        default_factory=dict,
        metadata={
            "most": most,
            "max_length": max_length,
            "pattern": pattern,
            "hint": hint,
            "lines": lines,
        },
    )


def part(model: type[ModelT]) -> Any:
    """Declare an object with fields of its own, all of them with defaults."""
    return dataclasses.field(default_factory=model)


def read_body(model: type[ModelT], body: Mapping[str, Any]) -> ModelT:
    """Return the body as the model's dataclass.

    Raises:
        BadRequest: A field is missing, unknown, or not what it should be.
    """
    hints = get_type_hints(model)
    fields = {f.name: f for f in dataclasses.fields(cast("Any", model))}
    for name in body:
        if name not in fields:
            raise BadRequest(
                f"There is no field of that name; known are {', '.join(fields)}.",
                field=str(name)[:64],
            )
    values = {
        name: _read(field, hints[name], body[name])
        for name, field in fields.items()
        if name in body
    }
    for name, field in fields.items():
        optional = (field.default, field.default_factory) != (_MISSING, _MISSING)
        if name not in values and not optional:
            raise BadRequest(f"{name} is missing.", field=name)
    return model(**values)


def read_query(model: type[ModelT], query: Mapping[str, str]) -> ModelT:
    """Return a query as the model's dataclass; its values are texts.

    Names that the model does not know are passed over: a message's query reaches
    the platform, too, and what is for it is none of ours.

    Raises:
        BadRequest: A value is missing, or not what it should be.
    """
    hints = get_type_hints(model)
    known = {name: query[name] for name in hints if name in query}
    values = {name: _from_text(hints[name], text) for name, text in known.items()}
    return read_body(model, values)


def _from_text(kind: Any, value: str) -> Any:
    """Return what a text of a query stands for; itself where it stands for nothing."""
    if kind is int and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return int(value)
    if kind is bool:
        return {"true": True, "false": False}.get(value, value)
    return value


def _read(field: "dataclasses.Field[Any]", kind: Any, value: Any) -> Any:
    if get_origin(kind) is Literal:
        return _read_choice(field, get_args(kind), value)
    if dataclasses.is_dataclass(kind):
        return _read_part(field, cast("type[Any]", kind), value)
    if kind not in _READERS:
        raise TypeError(f"{field.name}: a model can't have the type {kind}")
    return _READERS[kind](field, value)


def _read_flag(field: "dataclasses.Field[Any]", value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"{field.name} must be true or false.", field=field.name)
    return value


def _read_choice(
    field: "dataclasses.Field[Any]", allowed: tuple[Any, ...], value: Any
) -> Any:
    if value not in allowed:
        raise BadRequest(
            f"{field.name} must be one of {', '.join(filter(None, allowed))}.",
            field=field.name,
        )
    return value


def _read_number(field: "dataclasses.Field[Any]", value: Any) -> int:
    least, most = field.metadata.get("least", 0), field.metadata.get("most", 2**53)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        raise BadRequest(
            f"{field.name} must be a whole number from {least} to {most}.",
            field=field.name,
        )
    return cast("int", value)


def _read_text(field: "dataclasses.Field[Any]", value: Any) -> str:
    name = field.name
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text.", field=name)
    check_text(name, value, field.metadata.get("max_length", 1000))
    if not value and field.default is _MISSING:
        raise BadRequest(f"{name} must not be empty.", field=name)
    pattern = field.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        hint = field.metadata.get("hint") or "of another form"
        raise BadRequest(f"{name} must be {hint}.", field=name)
    return value


def _read_texts(field: "dataclasses.Field[Any]", value: Any) -> tuple[str, ...]:
    name, most = field.name, field.metadata.get("most", 100)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise BadRequest(f"{name} must be a list of texts.", field=name)
    if len(value) > most:
        raise BadRequest(f"{name} has more than {most} entries.", field=name)
    for entry in value:
        check_text(name, entry, field.metadata.get("max_length", 1000))
    return tuple(value)


def _read_numbers(field: "dataclasses.Field[Any]", value: Any) -> tuple[int, ...]:
    most, largest = field.metadata["most"], field.metadata["largest"]
    right = isinstance(value, list) and 1 <= len(value) <= most
    if not right or not all(
        isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= largest
        for one in value
    ):
        raise BadRequest(
            f"{field.name} must be a list of 1 to {most} whole numbers, "
            f"each from 1 to {largest}.",
            field=field.name,
        )
    return tuple(value)


def _read_part(
    field: "dataclasses.Field[Any]", model: type[ModelT], value: Any
) -> ModelT:
    if not isinstance(value, dict):
        raise BadRequest(f"{field.name} must be an object.", field=field.name)
    try:
        return read_body(model, value)
    except BadRequest as error:
        inner = error.details.get("field")
        raise BadRequest(
            f"{field.name}: {error.message}", field=f"{field.name}.{inner}"
        ) from None


def _read_table(field: "dataclasses.Field[Any]", value: Any) -> dict[str, str]:
    name, most = field.name, field.metadata["most"]
    entries = _entries(name, value)
    if len(entries) > most:
        raise BadRequest(f"{name} has more than {most} entries.", field=name)
    found: dict[str, str] = {}
    for key, entry in entries:
        if not re.fullmatch(field.metadata["pattern"], key):
            raise BadRequest(
                f"A name in {name} must be {field.metadata['hint']}.", field=name
            )
        if key in found:
            raise BadRequest(f"{name} has one name twice.", field=name)
        if not field.metadata["lines"]:
            check_text(name, entry, field.metadata["max_length"])
        elif len(entry) > field.metadata["max_length"] or not _is_unicode(entry):
            raise BadRequest(
                f"A text in {name} is longer than {field.metadata['max_length']} "
                "characters, or is not Unicode.",
                field=name,
            )
        found[key] = entry
    return found


def _entries(name: str, value: Any) -> list[tuple[str, str]]:
    """Return names and texts, however they were sent."""
    pairs = list(value.items()) if isinstance(value, dict) else value
    if isinstance(value, list) and all(
        isinstance(each, dict) and each.keys() == {"name", "text"} for each in value
    ):
        pairs = [(each["name"], each["text"]) for each in value]
    elif not isinstance(value, dict):
        pairs = [None]
    if not all(
        isinstance(each, tuple) and all(isinstance(one, str) for one in each)
        for each in pairs
    ):
        raise BadRequest(
            f"{name} must be an object of texts, or a list of objects with name and "
            "text.",
            field=name,
        )
    return cast("list[tuple[str, str]]", pairs)


def check_text(name: str, value: str, max_length: int) -> None:
    """Refuse a text that is too long or that can't be one line of plain text.

    Raises:
        BadRequest: It is; names the field.
    """
    if len(value) > max_length:
        raise BadRequest(f"{name} is longer than {max_length} characters.", field=name)
    if _CONTROL.search(value) or not _is_unicode(value):
        raise BadRequest(
            f"{name} holds a line break or another control character.", field=name
        )


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON can smuggle in
        return False
    return True


_READERS: Final[Mapping[Any, Callable[["dataclasses.Field[Any]", Any], Any]]] = {
    bool: _read_flag,
    int: _read_number,
    str: _read_text,
    tuple[str, ...]: _read_texts,
    tuple[int, ...]: _read_numbers,
    Mapping[str, str]: _read_table,
}
