"""The inputs, parameters and outputs that an app's description lists."""

import re

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.meta.regex import Regex

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
VALUE_TYPES = ("string", "number", "enumeration", "bool", "flag")
_SWITCHES = {
    "value": ("required", "visible", "enquote"),
    "details": ("showArgument", "repeatArgument"),
}
_TEXTS = {"value": ("validator",), "details": ("label", "description", "argument")}
_LISTS = ("ontology", "fileTypes")
_MOST_ITEMS = 200
_MOST_CHOICES = 1000
_LONGEST_TEXT = 10_000


def read_items(items: object, field: str) -> list[Document]:
    """Check the items of a field of an app.

    Args:
        items: of the description.
        field: `inputs`, `parameters` or `outputs`.

    Raises:
        BadRequest: naming the item, the field and the rule.
    """
    if not isinstance(items, list):
        raise BadRequest(f"{field} is a list.")
    if len(items) > _MOST_ITEMS:
        raise BadRequest(f"{field} has at most {_MOST_ITEMS} items.")
    return [_read(item, f"{field}[{i}]", field) for i, item in enumerate(items)]


def choices_of(value: Document) -> list[tuple[str, str]]:
    """Return the choices of an enumeration, each with its label."""
    listed = value.get("enum_values") or value.get("enumValues") or []
    return [
        next(((str(key), str(label)) for key, label in choice.items()), ("", ""))
        if isinstance(choice, dict)
        else (str(choice), str(choice))
        for choice in listed
    ]


def _read(item: object, place: str, field: str) -> Document:
    if not isinstance(item, dict):
        raise BadRequest(f"{place} is an object.")
    identifier = item.get("id")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise BadRequest(
            f"{place}.id has 1 to 64 letters, digits, dots, hyphens and underscores, "
            "and begins with a letter."
        )
    for part in ("value", "details", "semantics"):
        if not isinstance(item.get(part) or {}, dict):
            raise BadRequest(f"{place}.{part} is an object.")
    item = {
        **item,
        **{part: dict(item.get(part) or {}) for part in ("value", "details")},
        "semantics": _semantics(item.get("semantics") or {}, f"{place}.semantics"),
    }
    for part in ("value", "details"):
        _check_part(item[part], part, f"{place}.{part}")
    if field == "parameters":
        _check_type(item["value"], place)
    _check_hidden(item["value"], place)
    return item


def _semantics(semantics: Document, place: str) -> Document:
    semantics = {"minCardinality": 0, "maxCardinality": 1, **semantics}
    low, high = semantics["minCardinality"], semantics["maxCardinality"]
    for name, number in (("minCardinality", low), ("maxCardinality", high)):
        if isinstance(number, bool) or not isinstance(number, int) or number < -1:
            raise BadRequest(f"{place}.{name} is a whole number.")
    if high != -1 and low > high:
        raise BadRequest(f"{place}.minCardinality is greater than maxCardinality.")
    for name in _LISTS:
        texts = semantics.get(name) or []
        if not isinstance(texts, list) or not all(isinstance(x, str) for x in texts):
            raise BadRequest(f"{place}.{name} is a list of texts.")
    return semantics


def _check_part(part: Document, name: str, place: str) -> None:
    for field in _SWITCHES[name]:
        if part.get(field) is not None and not isinstance(part[field], bool):
            raise BadRequest(f"{place}.{field} is true or false.")
    for field in _TEXTS[name]:
        text = part.get(field)
        if text is not None and (
            not isinstance(text, str) or len(text) > _LONGEST_TEXT or "\0" in text
        ):
            raise BadRequest(
                f"{place}.{field} is a text of at most {_LONGEST_TEXT} characters."
            )
    order = part.get("order")
    if order is not None and (isinstance(order, bool) or not isinstance(order, int)):
        raise BadRequest(f"{place}.order is a whole number.")
    _check_validator(part.get("validator"), place)


def _check_validator(validator: str | None, place: str) -> None:
    try:
        Regex(validator or "", whole=True)
    except BadRequest as error:
        reason = error.message.removeprefix("q: ")
        raise BadRequest(
            f"{place}.validator is a regular expression: {reason}"
        ) from error


def _check_type(value: Document, place: str) -> None:
    value["type"] = str(value.get("type", "string")).lower()
    if value["type"] not in VALUE_TYPES:
        raise BadRequest(f"{place}.value.type is one of {', '.join(VALUE_TYPES)}.")
    if value["type"] == "enumeration":
        choices = value.get("enum_values", value.get("enumValues"))
        if not isinstance(choices, list) or not 0 < len(choices) <= _MOST_CHOICES:
            raise BadRequest(f"{place}.value.enum_values lists the choices.")
        if not all(
            isinstance(choice, str) or (isinstance(choice, dict) and len(choice) == 1)
            for choice in choices
        ):
            raise BadRequest(
                f"{place}.value.enum_values has texts, or objects of one label each."
            )


def _check_hidden(value: Document, place: str) -> None:
    """Refuse what nobody could ever set (spec: agavepy, ApplicationInputValue)."""
    if (
        value.get("visible") is False
        and value.get("required")
        and value.get("default", value.get("defaultValue")) is None
    ):
        raise BadRequest(f"{place}.value.default must be given, as it is not visible.")
