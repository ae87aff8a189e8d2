"""A job's inputs and parameters, checked against what its app asks for."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.jobs.quantities import read_flag
from agave_local.services.meta.regex import Regex

_MOST_LETTERS = 16_384
_MOST_VALUES = 1_000
# Of all validators of a request; about a second of work.
_MOST_STEPS = 1_000_000

Values = dict[str, list[Any]]
Check = Callable[[Document, Any], Any]


class _Rules:
    """The validators of an app, which share what one request may cost."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS

    def check(self, validator: object, values: list[Any], field: str) -> None:
        """Refuse a value that does not match.

        Raises:
            BadRequest: naming the field and the rule.
        """
        texts = [str(one) for one in values if not isinstance(one, bool)]
        if not validator or not texts:
            return
        try:
            rule = Regex(str(validator), budget=self._left, whole=True)
            matches = all(rule.search(text) for text in texts)
        except BadRequest as error:
            reason = error.message.removeprefix("q: ")
            raise BadRequest(
                f"The app's validator of `{field}` can't be used: {reason}"
            ) from error
        self._left = rule.left
        if not matches:
            raise BadRequest(f"`{field}` does not match the app's rule {validator}.")


def read_values(declared: Iterable[Document], given: object, kind: str) -> Values:
    """Check the values of a job's inputs or parameters.

    Args:
        declared: the app's inputs or parameters.
        given: by the request: a value or a list of values for each id.
        kind: `inputs` or `parameters`.

    Returns:
        A list of values for each id that has any, defaults included.

    Raises:
        BadRequest: naming the input or parameter that is wrong.
    """
    items = {item["id"]: item for item in declared}
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise BadRequest(f"`{kind}` must be an object.")
    unknown = sorted(str(name) for name in given if name not in items)
    if unknown:
        raise BadRequest(f"The app has no {unknown[0]} among its {kind}.")
    check = _read_input if kind == "inputs" else _read_parameter
    rules = _Rules()
    found = {}
    for name, item in items.items():
        field = f"{kind}.{name}"
        found[name] = _read_item(item, given.get(name), field, check)
        rules.check(item["value"].get("validator"), found[name], field)
    return {name: values for name, values in found.items() if values}


def _read_item(item: Document, given: object, field: str, check: Check) -> list[Any]:
    value = item["value"]
    if given is not None and value.get("visible", True) is False:
        raise BadRequest(f"`{field}` is set by the app and can't be given.")
    values = _to_list(given)
    if not values:
        required = bool(value.get("required", False))
        if required and value.get("visible", True) is not False:
            raise BadRequest(f"`{field}` must be given.")
        values = _to_list(value.get("default", value.get("defaultValue")))
    if len(values) > _MOST_VALUES:
        raise BadRequest(f"`{field}` has at most {_MOST_VALUES} values.")
    checked = [check(item, one) for one in values]
    _check_count(item, len(checked), field)
    return checked


def _to_list(given: object) -> list[Any]:
    """Take a single value as a list of one; nothing at all as none."""
    if given is None:
        return []
    return list(given) if isinstance(given, list) else [given]


def _check_count(item: Document, count: int, field: str) -> None:
    semantics: Mapping[str, int] = item["semantics"]
    low, high = semantics["minCardinality"], semantics["maxCardinality"]
    if 0 < count < low or (count == 0 and item["value"].get("required") and low > 0):
        raise BadRequest(f"`{field}` takes at least {low} values.")
    if high != -1 and count > high:
        raise BadRequest(f"`{field}` takes at most {high} values.")


def _read_input(item: Document, value: object) -> str:
    field = f"inputs.{item['id']}"
    if not isinstance(value, str) or not value.strip():
        raise BadRequest(f"`{field}` must be an address such as agave://system/path.")
    return _check_text(value, field)


def _read_parameter(item: Document, value: object) -> object:
    field = f"parameters.{item['id']}"
    match item["value"]["type"]:
        case "number":
            return _read_number(value, field)
        case "bool" | "flag":
            return read_flag(value, field)
        case "enumeration":
            return _read_choice(item, value, field)
        case _:
            return _read_text(value, field)


def _read_text(value: object, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadRequest(f"`{field}` must be a text.")
    return _check_text(str(value), field)


def _check_text(value: str, field: str) -> str:
    if "\0" in value or len(value) > _MOST_LETTERS:
        raise BadRequest(
            f"`{field}` has at most {_MOST_LETTERS} characters, and no NUL."
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(f"`{field}` is not valid Unicode.") from error
    return value


def _read_number(value: object, field: str) -> int | float:
    if isinstance(value, str):
        if re.fullmatch(r"[-+]?\d{1,15}", value, re.ASCII):
            return int(value)
        if re.fullmatch(r"[-+]?\d{1,15}\.\d{1,15}", value, re.ASCII):
            return float(value)
    elif (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        # Neither infinity nor NaN has a place in a wrapper.
        and abs(value) < float("inf")
    ):
        return value
    raise BadRequest(f"`{field}` must be a number.")


def _read_choice(item: Document, value: object, field: str) -> str:
    choices = item["value"].get("enum_values", item["value"].get("enumValues"))
    names = [
        str(name)
        for choice in choices
        for name in (choice if isinstance(choice, dict) else [choice])
    ]
    if not isinstance(value, str) or value not in names:
        raise BadRequest(f"`{field}` must be one of {', '.join(names)}.")
    return value
