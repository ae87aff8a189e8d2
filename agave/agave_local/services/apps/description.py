"""What an app's description must say."""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.store import Document

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
_VERSION = re.compile(r"\d+(?:\.\d+){0,3}(?:[A-Za-z0-9.-]{0,30})?")
_ITEM_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_CHOICES = {
    "executionType": ("HPC", "CONDOR", "CLI", "ATMOSPHERE"),
    "parallelism": ("SERIAL", "PARALLEL", "PTHREAD"),
}
_VALUE_TYPES = ("string", "number", "enumeration", "bool", "flag")
_TEXTS = ("executionSystem", "deploymentPath", "templatePath", "testPath")
_OPTIONAL_TEXTS = (
    "deploymentSystem",
    "label",
    "shortDescription",
    "longDescription",
    "helpURI",
    "icon",
    "defaultQueue",
    "defaultMaxRunTime",
)
_LISTS = ("tags", "ontology", "modules")
_NUMBERS = ("defaultNodeCount", "defaultProcessorsPerNode")
_TOP = frozenset(
    (
        "name",
        "version",
        *_CHOICES,
        *_TEXTS,
        *_OPTIONAL_TEXTS,
        *_LISTS,
        *_NUMBERS,
        "defaultMemoryPerNode",
        "checkpointable",
        "inputs",
        "parameters",
        "outputs",
    )
)


def read_description(body: Mapping[str, Any]) -> Document:
    """Check an app's description.

    Fields that only the tenant sets (id, owner, uuid …) are left out.

    Raises:
        BadRequest: naming the field and the rule.
    """
    app = {field: body[field] for field in _TOP if body.get(field) is not None}
    _match(app, "name", _NAME, "1 to 64 letters, digits, hyphens and underscores")
    _match(app, "version", _VERSION, "numbers with dots between, such as 1.0.2")
    for field in _TEXTS:
        _text(app, field, required=True)
    for field in _OPTIONAL_TEXTS:
        _text(app, field, required=False)
    for field, choices in _CHOICES.items():
        app[field] = _choose(app.get(field), field, choices)
    for field in _NUMBERS:
        _check_count(app.get(field), field)
    for field in _LISTS:
        app[field] = _texts(app.get(field, []), field)
    if not isinstance(app.setdefault("checkpointable", False), bool):
        raise BadRequest("checkpointable is true or false.")
    _check_paths(app)
    for field in ("inputs", "parameters", "outputs"):
        app[field] = _items(app.get(field, []), field)
    _check_unique(app)
    return app


def _items(items: object, field: str) -> list[Document]:
    if not isinstance(items, list):
        raise BadRequest(f"{field} is a list.")
    return [_item(item, f"{field}[{i}]", field) for i, item in enumerate(items)]


def _item(item: object, place: str, field: str) -> Document:
    if not isinstance(item, dict):
        raise BadRequest(f"{place} is an object.")
    identifier = item.get("id")
    if not isinstance(identifier, str) or not _ITEM_ID.fullmatch(identifier):
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
        "semantics": _semantics(item.get("semantics") or {}, place),
    }
    if field == "parameters":
        _check_value(item["value"], place)
    return item


def _semantics(semantics: Document, place: str) -> Document:
    semantics = {"minCardinality": 0, "maxCardinality": 1, **semantics}
    low, high = semantics["minCardinality"], semantics["maxCardinality"]
    for name, number in (("minCardinality", low), ("maxCardinality", high)):
        if isinstance(number, bool) or not isinstance(number, int) or number < -1:
            raise BadRequest(f"{place}.semantics.{name} is a whole number.")
    if high != -1 and low > high:
        raise BadRequest(
            f"{place}.semantics.minCardinality is greater than maxCardinality."
        )
    return semantics


def _check_value(value: Document, place: str) -> None:
    value["type"] = str(value.get("type", "string")).lower()
    if value["type"] not in _VALUE_TYPES:
        raise BadRequest(f"{place}.value.type is one of {', '.join(_VALUE_TYPES)}.")
    if value["type"] == "enumeration":
        choices = value.get("enum_values", value.get("enumValues"))
        if not isinstance(choices, list) or not choices:
            raise BadRequest(f"{place}.value.enum_values lists the choices.")


def _check_unique(app: Document) -> None:
    seen: set[str] = set()
    for item in (*app["inputs"], *app["parameters"]):
        if item["id"] in seen:
            raise BadRequest(f"Two inputs or parameters have the id {item['id']}.")
        seen.add(item["id"])


def _check_paths(app: Document) -> None:
    for field in ("deploymentPath", "templatePath", "testPath"):
        if ".." in app[field].split("/"):
            raise BadRequest(f"{field} is a plain path without `..`.")


def _match(app: Document, field: str, rule: re.Pattern[str], words: str) -> None:
    value = app.get(field)
    if not isinstance(value, str) or not rule.fullmatch(value):
        raise BadRequest(f"{field} has {words}.")


def _text(app: Document, field: str, *, required: bool) -> None:
    value = app.get(field)
    if value is None and not required:
        return
    empty_refused = required and value == ""
    if not isinstance(value, str) or empty_refused or "\0" in value:
        raise BadRequest(f"{field} is a text{' and must be given' * required}.")


def _choose(value: object, field: str, choices: tuple[str, ...]) -> str:
    word = str(value).upper()
    if word not in choices:
        raise BadRequest(f"{field} is one of {', '.join(choices)}.")
    return word


def _texts(value: object, field: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequest(f"{field} is a list of texts.")
    return list(value)


def _check_count(value: object, field: str) -> None:
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or value < 1
    ):
        raise BadRequest(f"{field} is a whole number of at least 1.")
