"""Which fields of a result its caller wants: `filter=id,owner,storage.host`."""

from typing import Any

from werkzeug.wrappers import Request

# Whatever lies deeper comes whole; no description of the contract is so deep.
_DEEPEST = 20
_EVERYTHING = "*"

# Wanted fields by name; an empty one is wanted whole.
Selection = dict[str, "Selection"]


def read_selection(request: Request) -> Selection | None:
    """Read a request's `filter`; None asks for every field."""
    names = [name.strip() for name in request.args.get("filter", "").split(",")]
    names = [name for name in names if name]
    if not names or _EVERYTHING in names:
        return None
    selection: Selection = {}
    for name in names:
        _add(selection, name.split(".")[:_DEEPEST])
    return selection


def select(value: Any, selection: Selection) -> Any:
    """Return an object, or each object of a list, with the wanted fields only."""
    if isinstance(value, list):
        return [select(item, selection) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        field: select(held, selection[field]) if selection[field] else held
        for field, held in value.items()
        if field in selection and not _is_too_plain(held, selection[field])
    }


def _add(selection: Selection, parts: list[str]) -> None:
    *parents, last = parts
    for parent in parents:
        wanted = selection.get(parent)
        if wanted == {}:
            return
        selection = selection.setdefault(parent, {})
    selection[last] = {}


def _is_too_plain(value: Any, inner: Selection) -> bool:
    """Tell whether fields are wanted of something that can have none."""
    return bool(inner) and not isinstance(value, dict | list)
