"""Reads `actors.yaml`, the one list of the functions.

    text ─▶ YAML without a key twice ─▶ actors.schema.json ─▶ what no schema can say
                                                              ─▶ Function, one each

The schema's descriptions are what editors show, and what errors call right.
"""

import difflib
import functools
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator, ValidationError

from agave_deploy.bundle.models import Function, Limits
from agave_deploy.bundle.yaml_file import read_yaml
from agave_deploy.errors import ManifestError, in_words

__all__ = ["read_functions", "read_schema"]

_FILE: Final = "actors.yaml"
_SCHEMA: Final = "actors.schema.json"
_LARGEST: Final = 256 * 1024
_LONGEST_VALUE: Final = 60
_IN_EVERY_IMAGE: Final = "function"
# Decision 0036.
_NO_ENVIRONMENT: Final = (
    "functions get no variables, since the parameters of anybody's message would "
    "replace them; what a function is to know is a key of the profile's settings "
    "(docs/architecture.md 5.1)"
)


def read_functions(root: Path) -> tuple[Function, ...]:
    """Return the functions of a checkout.

    Raises:
        ManifestError: Names file, function and field, and says what is right.
    """
    content = _read(root / _FILE)
    faults = list(dict.fromkeys(_find_faults(content)))
    if not faults:
        faults = list(_find_contradictions(content["functions"], root))
    if faults:
        raise ManifestError("\n".join(faults))
    return tuple(_to_function(entry) for entry in content["functions"])


@functools.cache
def read_schema() -> Mapping[str, Any]:
    """Return the JSON Schema of the file."""
    text = (resources.files("agave_deploy.bundle") / _SCHEMA).read_text("utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            raise ManifestError(f"{_FILE} can't be read: it is too large.")
        return read_yaml(path)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ManifestError(f"{_FILE} can't be read: {in_words(error)}.") from error


def _find_faults(content: Any) -> Iterator[str]:
    errors = Draft202012Validator(read_schema()).iter_errors(content)
    for error in sorted(errors, key=lambda error: [*map(str, error.absolute_path)]):
        place = _to_place(content, [*error.absolute_path])
        yield f"{place}: {_describe(error)}."


def _to_place(content: Any, path: list[str | int]) -> str:
    """Return file, function and field: `actors.yaml: function 'jobs': hints[0]`."""
    parts = [_FILE]
    if len(path) > 1:
        entry = content["functions"][path[1]]
        name = entry.get("name") if isinstance(entry, dict) else None
        known = isinstance(name, str) and name
        parts.append(f"function {name!r}" if known else f"functions[{path[1]}]")
    for step in path[2:] if len(path) > 1 else path:
        if isinstance(step, int):
            parts[-1] += f"[{step}]"
        else:
            parts.append(step)
    return ": ".join(parts)


def _describe(error: ValidationError) -> str:
    value: Any = error.instance
    schema: Any = error.schema
    properties = schema.get("properties", {})
    if error.validator == "required":
        missing = [name for name in schema["required"] if name not in value]
        wanted = "; ".join(
            f"{name}, {properties[name]['description']}" for name in missing
        )
        return f"it needs {wanted}"
    if error.validator == "additionalProperties":
        unknown = sorted(map(str, value.keys() - properties.keys()))
        return "; ".join(_describe_unknown(name, properties) for name in unknown)
    if error.validator == "uniqueItems":
        twice = next(each for each in value if value.count(each) > 1)
        return f"{twice} stands there twice"
    return f"{_show(value)} is wrong; right is {schema['description']}"


def _describe_unknown(name: str, known: Iterable[str]) -> str:
    if name == "environment":
        return f"there is no field environment: {_NO_ENVIRONMENT}"
    near = difflib.get_close_matches(name, known, 1)
    hint = f"is {near[0]} meant?" if near else f"there are {', '.join(known)}"
    return f"there is no field {name[:_LONGEST_VALUE]}; {hint}"


def _show(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _find_contradictions(entries: list[Mapping[str, Any]], root: Path) -> Iterator[str]:
    names = [entry["name"] for entry in entries]
    groups = _read_groups(root) if any(e.get("extras") for e in entries) else ()
    for number, entry in enumerate(entries):
        place = f"{_FILE}: function {entry['name']!r}"
        if entry["name"] in names[:number]:
            yield f"{place}: there is another one of that name; choose a new one."
        is_reached = entry.get("nonce") or entry.get("cron")
        if entry["grants"] == "nobody" and not is_reached:
            yield f"{place}: grants: nobody could call it; give it grants or a nonce."
        for extra in entry.get("extras", ()):
            if extra == _IN_EVERY_IMAGE:
                yield f"{place}: extras: {extra} is in every image; leave it out."
            elif extra not in groups:
                yield (
                    f"{place}: extras: {extra!r} is wrong; right is a group of "
                    f"pyproject.toml: {', '.join(sorted({*groups} - {'function'}))}."
                )


def _read_groups(root: Path) -> Iterable[str]:
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        groups: Mapping[str, Any] = project["project"]["optional-dependencies"]
    except (OSError, ValueError) as error:
        raise ManifestError(
            f"pyproject.toml can't be read: {in_words(error)}; the extras in {_FILE} "
            "are its groups."
        ) from error
    except (KeyError, TypeError):
        return ()
    return groups


def _to_function(entry: Mapping[str, Any]) -> Function:
    return Function(
        entry["name"],
        entry["description"],
        configs=tuple(entry.get("configs", ())),
        grants=entry["grants"],
        secrets=tuple(entry.get("secrets", ())),
        nonce=entry.get("nonce", False),
        extras=tuple(entry.get("extras", ())),
        limits=Limits(**entry.get("limits", {})),
        hints=tuple(entry.get("hints", ())),
        cron=entry.get("cron", ""),
    )
