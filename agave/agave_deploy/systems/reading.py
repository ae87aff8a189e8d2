"""Reads the files of systems, and checks that what they say fits together."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from agave_deploy.bundle.yaml_file import read_yaml
from agave_deploy.errors import RegistryError, in_words
from agave_deploy.systems.checks import check_lists, check_presets, check_queues
from agave_deploy.systems.fields import Fields, Rule
from agave_deploy.systems.model import Apps, Preset, SystemEntry
from agave_deploy.systems.parts import (
    NAME,
    read_compiler,
    read_folders,
    read_limits,
    read_login,
    read_module,
    read_preset,
    read_queue,
    read_scheduler,
)

__all__ = ["read_system", "read_systems", "to_system"]

_VERSION: Final = Rule(
    r"[0-9]+(?:\.[0-9]+){0,3}", "a version in quotes, such as '0.2.0'"
)
_APP: Final = Rule(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}-[0-9]+(?:\.[0-9]+){0,3}[A-Za-z0-9.]{0,30}",
    "a whole app id, its name and version: my-build-1.0",
)
_PLACEHOLDER: Final = re.compile(r"\{(?:ranks|nodes|processors)\}")
_LARGEST: Final = 256 * 1024
_FIELDS: Final = (
    *("name", "label", "description", "historical", "scheduler", "build_scheduler"),
    *("login", "folders", "version", "modules", "suggested_modules", "compilers"),
    *("build_app", "run_app", "build_run_app", "compare_app"),
    *("launchers", "presets", "queues", "limits", "environment", "startup_script"),
)


def read_systems(
    folders: Iterable[Path], environment: Mapping[str, str] = os.environ
) -> tuple[SystemEntry, ...]:
    """Read every `*.yaml` of some folders, in the order of folders and names.

    Args:
        folders: of systems.
        environment: may name other apps than the files do.

    Raises:
        RegistryError: A file is wrong, two have one name, or a folder is missing.
    """
    entries: dict[str, SystemEntry] = {}
    for folder in folders:
        if not folder.is_dir():
            raise RegistryError(f"There is no folder of systems {folder.name}.")
        for path in folder.glob("*.yml"):
            raise RegistryError(f"{path.name}: the file of a system ends in .yaml.")
        for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem):
            entry = read_system(path, environment)
            if entry.name in entries:
                raise RegistryError(
                    f"{path.name}: there is another system named {entry.name}; "
                    "choose another name, for the file as well."
                )
            entries[entry.name] = entry
    return tuple(entries.values())


def read_system(path: Path, environment: Mapping[str, str] = os.environ) -> SystemEntry:
    """Read one file.

    Raises:
        RegistryError: It can't be read, or a field is wrong; names file and field.
    """
    file = path.name
    try:
        if path.stat().st_size > _LARGEST:
            raise RegistryError(f"{file} is too large for the file of a system.")
        raw = read_yaml(path)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise RegistryError(f"{file} can't be read: {in_words(error)}.") from error
    entry = to_system(raw, file, environment)
    if path.stem != entry.name:
        raise RegistryError(
            f"{file}: name must be the file's name, {path.stem}; it is {entry.name}."
        )
    return entry


def to_system(
    raw: Any,
    file: str,
    environment: Mapping[str, str],
    processors: int | None = None,
) -> SystemEntry:
    """Check what a file holds.

    Args:
        raw: what stands in it.
        file: its name, for errors.
        environment: may name other apps.
        processors: of this machine, which queues of its own may leave out.

    Raises:
        RegistryError: A field is wrong; names file and field.
    """
    fields = Fields(file, "", raw)
    fields.only(*_FIELDS)
    name = fields.text("name", rule=NAME)
    historical = fields.flag("historical", default=False)
    login = read_login(fields.part("login"), historical=historical)
    is_here = login.protocol == "LOCAL"
    here = (processors or os.cpu_count() or 1) if is_here else None
    version = fields.text("version", "0.2.0", _VERSION)
    entry = SystemEntry(
        name=name,
        label=fields.text("label"),
        description=fields.text("description", ""),
        historical=historical,
        scheduler=read_scheduler(fields, "scheduler"),
        build_scheduler=read_scheduler(fields, "build_scheduler", "FORK"),
        login=login,
        folders=read_folders(fields.part("folders"), needed=not is_here),
        version=version,
        apps=_read_apps(fields, name, version, environment),
        modules=fields.flag("modules", default=False),
        suggested_modules=tuple(map(read_module, fields.parts("suggested_modules"))),
        compilers=tuple(map(read_compiler, fields.parts("compilers"))),
        launchers=_read_launchers(fields),
        presets=tuple(map(read_preset, fields.parts("presets"))),
        queues=tuple(read_queue(part, here) for part in fields.parts("queues")),
        limits=read_limits(fields.part("limits")),
        environment=fields.text("environment", ""),
        startup_script=fields.text("startup_script", ""),
    )
    check_queues(fields, entry.queues, is_here=is_here)
    check_lists(fields, entry)
    if is_here:
        entry = replace(entry, presets=_fitted(entry))
    check_presets(fields, entry)
    return entry


def _read_apps(
    fields: Fields, name: str, version: str, environment: Mapping[str, str]
) -> Apps:
    ids = []
    for kind in ("build", "run", "build-run", "compare"):
        key = kind.replace("-", "_") + "_app"
        app = fields.text(key, f"ipt-{kind}-{name}-{version}", _APP)
        variable = f"{name}_{key}_version".upper().replace("-", "_")
        chosen = environment.get(variable)
        if chosen and not _APP.holds(chosen):
            raise RegistryError(f"The environment's {variable} must be {_APP.wanted}.")
        ids.append(chosen or app)
    if len(set(ids)) < len(ids):
        raise fields.fault("build_app", "and the other apps must be different ones.")
    return Apps(*ids)


def _read_launchers(fields: Fields) -> tuple[str, ...]:
    launchers = fields.texts("launchers", ("",))
    for number, launcher in enumerate(launchers):
        key = f"launchers[{number}]"
        fields.check_words(key, launcher)
        if re.search(r"[{}]", _PLACEHOLDER.sub("", launcher)):
            raise fields.fault(
                key, "has another placeholder than {ranks}, {nodes} and {processors}."
            )
        if launcher != launcher.strip() or launchers.count(launcher) > 1:
            raise fields.fault(key, "stands there twice, or has spaces at its ends.")
    return launchers


def _fitted(entry: SystemEntry) -> tuple[Preset, ...]:
    """Return presets that the queue has the processors for, however few these are."""
    most = entry.default_queue.max_processors
    return tuple(
        replace(
            preset,
            ranks=min(preset.ranks, most),
            threads=max(1, min(preset.threads, most // min(preset.ranks, most))),
        )
        for preset in entry.presets
    )
