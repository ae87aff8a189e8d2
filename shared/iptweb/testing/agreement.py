"""Holds a function to its own reference: what it answers is what it says it does."""

import functools
from typing import Any

from iptweb.errors import IptwebError
from iptweb.http import App
from iptweb.reference.document import describe, name_of
from iptweb.reference.kinds import Schema
from iptweb.runtime.message import read_request

__all__ = ["check_agreement"]

_REFUSED = 400


def check_agreement(
    app: App[Any],
    msg: str | None,
    frame: dict[str, Any],
    *,
    used_token: bool | None = None,
) -> None:
    """Compare an answer with the schema of its route, and with what the route says.

    Args:
        app: The function.
        msg: The message; where it is for no route, there is nothing to compare.
        frame: What it answered.
        used_token: Whether it asked the platform with the caller's own token; None
            where that is not known.

    Raises:
        AssertionError: They do not agree; says where.
    """
    try:
        route = app.find(read_request(msg, cron=app.cron))
    except IptwebError:
        return
    refused = frame["status"] >= _REFUSED
    name = f"{name_of(app, route)}.{'error' if refused else 'answer'}"
    _check_frame(app, name, frame)
    known = None not in {route.own_token, used_token}
    if not refused and known and used_token != route.own_token:
        raise AssertionError(f"{name}: own_token is not {used_token}")


def _check_frame(app: App[Any], name: str, frame: dict[str, Any]) -> None:
    validator = _validator(app, name)
    if validator is None:
        return
    for wrong in validator.iter_errors(frame):
        where = "/".join(map(str, wrong.absolute_path))
        raise AssertionError(f"{name} at {where}: {wrong.message}")


@functools.cache
def _document(app: App[Any]) -> Schema:
    return describe(app, closed=True)


@functools.cache
def _validator(app: App[Any], name: str) -> Any:
    try:
        from jsonschema import Draft202012Validator  # noqa: PLC0415
    except ModuleNotFoundError:  # with nothing but what a function's image has
        return None
    schema = {"$ref": f"#/$defs/{name}", "$defs": _document(app)["$defs"]}
    return Draft202012Validator(schema)
