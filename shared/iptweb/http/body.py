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
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from iptweb.errors import BadRequest

__all__ = ["flag", "number", "numbers", "read_body", "read_query", "text", "texts"]

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
        if name not in values and field.default is _MISSING:
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
    if kind is bool:
        if not isinstance(value, bool):
            raise BadRequest(f"{field.name} must be true or false.", field=field.name)
        return value
    if kind is int:
        return _read_number(field, value)
    if kind is str:
        return _read_text(field, value)
    if kind == tuple[str, ...]:
        return _read_texts(field, value)
    if kind == tuple[int, ...]:
        return _read_numbers(field, value)
    raise TypeError(f"{field.name}: a model can't have the type {kind}")


def _read_choice(
    field: "dataclasses.Field[Any]", allowed: tuple[Any, ...], value: Any
) -> Any:
    if value not in allowed:
        raise BadRequest(
            f"{field.name} must be one of {', '.join(allowed)}.", field=field.name
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
