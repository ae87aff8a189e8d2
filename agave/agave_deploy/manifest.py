"""Reads the registrations of a checkout: actors.yaml, agave/systems, agave/apps."""

import json
import re
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

import yaml

from agave_deploy.errors import ManifestError
from agave_deploy.models import AppTemplate, Function, Limits, Manifest, System

__all__ = ["CONFIGS", "SECRETS", "read_manifest"]

CONFIGS = frozenset({"settings"})
SECRETS = frozenset({"oauth-client", "session-key", "ticket-key", "ssh-key"})
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FIELDS = {
    *("name", "description", "hints", "configs", "secrets", "grants", "nonce"),
    *("extras", "environment", "limits", "cron"),
}
# Abaco's schedules; it knows nothing finer than hours.
_CRON = re.compile(
    r"(?:now|\d{4}-\d\d-\d\d \d\d) \+ [1-9]\d{0,3} (?:hour|day|week|month)s?"
)
_LIMITS = frozenset({"workers", "memory", "processors"})
_MEMORY = re.compile(r"[1-9][0-9]*[mg]")
_APP_FIELDS = ("deploymentSystem",)
_APP_PATHS = ("deploymentPath", "templatePath", "testPath")


def read_manifest(root: Path) -> Manifest:
    """Read and check everything below the checkout's root.

    Raises:
        ManifestError: A file is missing, unreadable, or says something unknown.
    """
    return Manifest(
        functions=_read_functions(root / "actors.yaml"),
        systems=tuple(
            _read_system(path)
            for path in sorted((root / "agave/systems").glob("*.json"))
        ),
        templates=_read_templates(root / "agave/apps"),
        site=root / "static_site",
    )


def _read_functions(path: Path) -> tuple[Function, ...]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ManifestError(f"{path.name} can't be read: {error}") from error
    entries = content.get("functions") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ManifestError(f"{path.name} needs a list 'functions'.")
    functions = tuple(_read_function(path.name, entry) for entry in entries)
    names = [function.name for function in functions]
    for name in names:
        if names.count(name) > 1:
            raise ManifestError(f"{path.name} lists the function '{name}' twice.")
    return functions


def _read_function(file: str, entry: Any) -> Function:
    if not isinstance(entry, dict):
        raise ManifestError(f"{file}: a function is a mapping with a name.")
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ManifestError(
            f"{file}: {name!r} is no function name; use lower-case words and hyphens."
        )
    where = f"{file}: function '{name}'"
    unknown = sorted(str(key) for key in entry.keys() - _FIELDS)
    if unknown:
        raise ManifestError(f"{where} has unknown fields: {', '.join(unknown)}.")
    description = entry.get("description")
    if not isinstance(description, str) or not description:
        raise ManifestError(f"{where} needs a description.")
    grants = entry.get("grants")
    if grants not in ("members", "admins", "nobody"):
        raise ManifestError(f"{where}: grants must be 'members', 'admins' or 'nobody'.")
    cron = entry.get("cron", "")
    if not isinstance(cron, str) or (cron and not _CRON.fullmatch(cron)):
        raise ManifestError(
            f"{where}: cron must be a schedule such as 'now + 1 hour' "
            "or '2026-11-22 18 + 2 days'."
        )
    return Function(
        name,
        description,
        configs=_known(where, entry, "configs", CONFIGS),
        grants=grants,
        secrets=_known(where, entry, "secrets", SECRETS),
        nonce=_flag(where, entry, "nonce"),
        extras=_texts(where, entry, "extras"),
        environment=_environment(where, entry),
        limits=_limits(where, entry),
        hints=_texts(where, entry, "hints"),
        cron=cron,
    )


def _known(
    where: str, entry: Mapping[str, Any], key: str, known: Set[str]
) -> tuple[str, ...]:
    names = _texts(where, entry, key)
    strange = sorted(set(names) - known)
    if strange:
        raise ManifestError(f"{where} asks for unknown {key}: {', '.join(strange)}.")
    return names


def _flag(where: str, entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ManifestError(f"{where}: {key} must be true or false.")
    return value


def _environment(where: str, entry: Mapping[str, Any]) -> Mapping[str, str]:
    value = entry.get("environment", {})
    if not isinstance(value, dict) or not all(
        isinstance(part, str) for pair in value.items() for part in pair
    ):
        raise ManifestError(f"{where}: environment must be names with texts.")
    return value


def _limits(where: str, entry: Mapping[str, Any]) -> Limits:
    value = entry.get("limits", {})
    if not isinstance(value, dict) or value.keys() - _LIMITS:
        raise ManifestError(f"{where}: limits may be {', '.join(sorted(_LIMITS))}.")
    for key in ("workers", "processors"):
        number = value.get(key, 1)
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ManifestError(f"{where}: limits: {key} must be a number above 0.")
    memory = value.get("memory", "")
    if not isinstance(memory, str) or (memory and not _MEMORY.fullmatch(memory)):
        raise ManifestError(f"{where}: limits: memory must be a size such as 512m.")
    return Limits(value.get("workers"), memory, value.get("processors"))


def _texts(where: str, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestError(f"{where}: {key} must be a list of texts.")
    return tuple(value)


def _read_system(path: Path) -> System:
    document = _read_json(path)
    if document.get("id") != path.name.removesuffix(".json"):
        raise ManifestError(f"{path.name}: the id must be the name of the file.")
    if document.get("type") not in ("STORAGE", "EXECUTION"):
        raise ManifestError(f"{path.name}: type must be STORAGE or EXECUTION.")
    public = document.pop("public", False)
    if not isinstance(public, bool):
        raise ManifestError(f"{path.name}: public must be true or false.")
    return System(document, public)


def _read_templates(folder: Path) -> dict[str, AppTemplate]:
    shared = tuple(sorted(folder.glob("*.sh")))
    return {
        path.parent.name: _read_template(path, shared)
        for path in sorted(folder.glob("*/app.json"))
    }


def _read_template(path: Path, shared: tuple[Path, ...]) -> AppTemplate:
    document = _read_json(path)
    where = f"{path.parent.name}/{path.name}"
    for key in (*_APP_FIELDS, *_APP_PATHS):
        if not isinstance(document.get(key), str) or not document[key]:
            raise ManifestError(f"{where}: {key} is missing.")
    for key in _APP_PATHS[1:]:
        if not (path.parent / document[key]).is_file():
            raise ManifestError(f"{where}: {key} names no file: {document[key]}.")
    return AppTemplate(path.parent.name, document, path.parent, shared)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path.name} can't be read: {error}") from error
    if not isinstance(document, dict):
        raise ManifestError(f"{path.name} must hold one object.")
    return document
