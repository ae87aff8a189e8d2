"""What an app's description must say."""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.apps.items import read_items
from agave_local.services.systems.fields import check_memory, check_switch, check_time

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
_VERSION = re.compile(r"\d+(?:\.\d+){0,3}(?:[A-Za-z0-9.-]{0,30})?", re.ASCII)
_PUBLISHED = re.compile(r"u\d+\Z", re.ASCII)
_CHOICES = {
    "executionType": ("HPC", "CONDOR", "CLI", "ATMOSPHERE"),
    "parallelism": ("SERIAL", "PARALLEL", "PTHREAD"),
}
_TEXTS = ("executionSystem", "deploymentPath", "templatePath", "testPath")
_OPTIONAL_TEXTS = (
    "deploymentSystem",
    "label",
    "shortDescription",
    "longDescription",
    "helpURI",
    "icon",
    "defaultQueue",
)
_LISTS = ("tags", "ontology", "modules")
_NUMBERS = ("defaultNodeCount", "defaultProcessorsPerNode")
_ITEMS = ("inputs", "parameters", "outputs")
_TOP = frozenset(
    (
        "name",
        "version",
        *_CHOICES,
        *_TEXTS,
        *_OPTIONAL_TEXTS,
        *_LISTS,
        *_NUMBERS,
        *_ITEMS,
        "defaultMemoryPerNode",
        "defaultMaxRunTime",
        "checkpointable",
        "available",
    )
)
_LONGEST_TEXT = 20_000
_MOST_TEXTS = 100
_LONGEST_TAG = 200
_MOST = 2**31


def read_description(body: Mapping[str, Any]) -> Document:
    """Check an app's description.

    Fields that only the tenant sets (id, owner, uuid …) are left out.

    Raises:
        BadRequest: naming the field and the rule.
    """
    app = {field: body[field] for field in _TOP if body.get(field) is not None}
    _match(app, "name", _NAME, "1 to 64 letters, digits, hyphens and underscores")
    _match(app, "version", _VERSION, "numbers with dots between, such as 1.0.2")
    if _PUBLISHED.search(app["version"]):
        raise BadRequest("version does not end like the id of a published app: u1.")
    for field in _TEXTS:
        _text(app, field, required=True)
    for field in _OPTIONAL_TEXTS:
        _text(app, field, required=False)
    for field, choices in _CHOICES.items():
        app[field] = _choose(app.get(field), field, choices)
    for field in _NUMBERS:
        _read_count(app, field)
    for field in _LISTS:
        app[field] = _texts(app.get(field, []), field)
    _check_defaults(app)
    _check_paths(app)
    for field in _ITEMS:
        app[field] = read_items(app.get(field, []), field)
    _check_unique(app)
    return app


def _check_defaults(app: Document) -> None:
    check_switch(app, "checkpointable", default=False)
    check_switch(app, "available")
    check_memory(app, "defaultMemoryPerNode")
    check_time(app, "defaultMaxRunTime")


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
    if len(value) > _LONGEST_TEXT:
        raise BadRequest(f"{field} has at most {_LONGEST_TEXT} characters.")


def _choose(value: object, field: str, choices: tuple[str, ...]) -> str:
    word = value.upper() if isinstance(value, str) else ""
    if word not in choices:
        raise BadRequest(f"{field} is one of {', '.join(choices)}.")
    return word


def _texts(value: object, field: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequest(f"{field} is a list of texts.")
    if len(value) > _MOST_TEXTS or any(len(one) > _LONGEST_TAG for one in value):
        raise BadRequest(
            f"{field} has at most {_MOST_TEXTS} texts of {_LONGEST_TAG} characters."
        )
    return list(value)


def _read_count(app: Document, field: str) -> None:
    value = app.get(field)
    if value is None:
        return
    # agavepy's description of the contract has texts here
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < _MOST:
        raise BadRequest(f"{field} is a whole number of at least 1.")
    app[field] = value
