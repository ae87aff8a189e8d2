"""Reads the registrations of a checkout: actors.yaml, agave/systems, agave/apps."""

import json
from pathlib import Path
from typing import Any

from agave_deploy.bundle.actors_file import read_functions
from agave_deploy.bundle.models import AppTemplate, Manifest, System
from agave_deploy.errors import ManifestError

__all__ = ["read_manifest"]

_APP_FIELDS = ("deploymentSystem",)
_APP_PATHS = ("deploymentPath", "templatePath", "testPath")


def read_manifest(root: Path) -> Manifest:
    """Read and check everything below the checkout's root.

    Raises:
        ManifestError: A file is missing, unreadable, or says something unknown.
    """
    return Manifest(
        functions=read_functions(root),
        systems=tuple(
            _read_system(path)
            for path in sorted((root / "agave/systems").glob("*.json"))
        ),
        templates=_read_templates(root / "agave/apps"),
        site=root / "static_site",
    )


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
