"""What a tenant and the functions are told of a system: all made of its one file.

SystemEntry ─▶ to_systems   two registrations: ipt.build.<name>, ipt.run.<name>
            ─▶ to_apps      four: ipt-build-<name>-<version> …
            ─▶ to_setting   the functions' entry: no login, credential or folder
            ─▶ add_systems  the manifest with all of these
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agave_deploy.bundle.models import App, AppTemplate, Manifest, System
from agave_deploy.errors import ManifestError
from agave_deploy.systems.fields import to_seconds
from agave_deploy.systems.model import Queue, SystemEntry

__all__ = ["add_systems", "to_apps", "to_setting", "to_systems"]

_LONGEST_BUILD: Final = "01:00:00"
# Somebody published it, so it is used as it is: nobody can register such an id.
_PUBLISHED: Final = re.compile(r"u[0-9]+\Z")


def add_systems(
    manifest: Manifest, entries: Iterable[SystemEntry], *, public: bool = False
) -> Manifest:
    """Return a manifest with the registrations of systems that are offered.

    Args:
        manifest: of the checkout.
        entries: of the registry; historical ones are left out.
        public: whether systems over SSH are published: everybody on the tenant may
            use them, and `agave-local` calls private addresses for no others.

    Raises:
        ManifestError: The checkout lacks one of the apps.
    """
    offered = [entry for entry in entries if not entry.historical]
    systems = [
        replace(system, public=public and entry.login.protocol == "SSH")
        for entry in offered
        for system in to_systems(entry)
    ]
    apps = [app for entry in offered for app in to_apps(entry, manifest.templates)]
    return replace(
        manifest,
        systems=(*manifest.systems, *systems),
        apps=(*manifest.apps, *apps),
        registry=(*manifest.registry, *map(to_setting, offered)),
    )


def to_systems(entry: SystemEntry) -> tuple[System, System]:
    """Return the registrations of the system to compile on and the one to run on."""
    run_queues = [_to_queue(queue) for queue in entry.queues]
    same = entry.build_scheduler == entry.scheduler
    build_queues = run_queues if same else [_build_queue(entry)]
    return (
        _to_system(entry, entry.build_system, entry.build_scheduler, build_queues),
        _to_system(entry, entry.run_system, entry.scheduler, run_queues),
    )


def _to_system(
    entry: SystemEntry, id_: str, scheduler: str, queues: list[dict[str, Any]]
) -> System:
    login = entry.login
    machine: dict[str, Any] = {
        "host": login.host,
        "port": login.port,
        "auth": {"type": "LOCAL" if login.protocol == "LOCAL" else "SSHKEYS"},
    }
    if login.host_key:
        machine["hostKey"] = login.host_key
    is_here = login.protocol == "LOCAL"
    folders = entry.folders
    home = folders.home or ("/" if is_here else folders.named[0])
    document = {
        "id": id_,
        "name": entry.label,
        "description": entry.description or entry.label,
        "type": "EXECUTION",
        "site": login.host,
        "status": "UP",
        "executionType": _execution_type(scheduler),
        "scheduler": scheduler,
        "queues": queues,
        "login": {**machine, "protocol": login.protocol},
        "storage": {
            **machine,
            "protocol": "LOCAL" if is_here else "SFTP",
            "rootDir": "/",
            "homeDir": home,
        },
        "workDir": folders.work,
        "scratchDir": folders.scratch,
        "maxSystemJobs": entry.limits.system_jobs,
        "maxSystemJobsPerUser": entry.limits.user_jobs,
        "environment": entry.environment,
        "startupScript": entry.startup_script,
    }
    return System(document, user=login.user, credential=login.credential)


def _execution_type(scheduler: str) -> str:
    return "CLI" if scheduler == "FORK" else "HPC"


def _to_queue(queue: Queue) -> dict[str, Any]:
    document = {
        "name": queue.name,
        "mappedName": queue.mapped_name,
        "description": queue.description,
        "default": queue.default,
        "maxNodes": queue.max_nodes,
        "maxProcessorsPerNode": queue.max_processors,
        "maxMemoryPerNode": queue.max_memory,
        "maxRequestedTime": queue.max_run_time,
        "maxJobs": queue.max_jobs,
        "maxUserJobs": queue.max_user_jobs,
        "customDirectives": queue.directives,
    }
    return {key: value for key, value in document.items() if value not in ("", None)}


def _build_queue(entry: SystemEntry) -> dict[str, Any]:
    """Return the one queue of a system that compiles beside the scheduler's nodes."""
    usual = entry.default_queue
    return _to_queue(
        replace(
            usual,
            name="default",
            mapped_name="",
            description="Compile jobs; they start at once",
            max_nodes=1,
            max_run_time=_LONGEST_BUILD,
            max_jobs=entry.limits.system_jobs,
            max_user_jobs=entry.limits.user_jobs,
            directives="",
        )
    )


def to_apps(
    entry: SystemEntry, templates: Mapping[str, AppTemplate]
) -> tuple[App, ...]:
    """Return the apps of a system; one that somebody published is left as it is.

    Raises:
        ManifestError: The checkout lacks one.
    """
    build = to_systems(entry)[0]
    apps, build_limit = entry.apps, build.document["queues"]
    limit = entry.default_queue.max_run_time
    build_time = next(q for q in build_limit if q["default"])["maxRequestedTime"]
    kinds = {
        "ipt-build": (
            apps.build,
            entry.build_system,
            entry.build_scheduler,
            build_time,
        ),
        "ipt-run": (apps.run, entry.run_system, entry.scheduler, limit),
        "ipt-build-run": (apps.build_run, entry.run_system, entry.scheduler, limit),
        "ipt-compare": (apps.compare, entry.run_system, entry.scheduler, limit),
    }
    missing = sorted(kinds.keys() - templates.keys())
    if missing:
        raise ManifestError(f"agave/apps lacks the app {missing[0]}.")
    return tuple(
        _to_app(templates[name], *what)
        for name, what in kinds.items()
        if not _PUBLISHED.search(what[0])
    )


def _to_app(
    template: AppTemplate, id_: str, system: str, scheduler: str, longest: str
) -> App:
    name, _, version = id_.rpartition("-")
    usual = str(template.document.get("defaultMaxRunTime") or longest)
    document = {
        **template.document,
        "name": name,
        "version": version,
        "executionSystem": system,
        "executionType": _execution_type(scheduler),
        "defaultMaxRunTime": min(usual, longest, key=to_seconds),
    }
    return App(document, template.folder, template.shared)


def to_setting(entry: SystemEntry) -> dict[str, Any]:
    """Return what the functions and the site get of a system."""
    return {
        "name": entry.name,
        "label": entry.label,
        "description": entry.description,
        "scheduler": entry.scheduler,
        "build_app": entry.apps.build,
        "run_app": entry.apps.run,
        "build_run_app": entry.apps.build_run,
        "compare_app": entry.apps.compare,
        "build_system": entry.build_system,
        "run_system": entry.run_system,
        "modules": entry.modules,
        "suggested_modules": [
            {"name": module.name, "label": module.label}
            for module in entry.suggested_modules
        ],
        "compilers": [
            {
                "label": compiler.label,
                "command": compiler.command,
                "for": compiler.purpose,
                "language": compiler.language,
            }
            for compiler in entry.compilers
        ],
        "launchers": list(entry.launchers),
        "presets": [
            {
                "name": preset.name,
                "label": preset.label,
                "compile": preset.compile,
                "launcher": preset.launcher,
                "ranks": preset.ranks,
                "threads": preset.threads,
                "nodes": preset.nodes,
            }
            for preset in entry.presets
        ],
        "queues": [
            {
                "name": queue.name,
                "description": queue.description,
                "default": queue.default,
                "max_nodes": queue.max_nodes,
                "max_processors": queue.max_processors,
                "max_run_time": queue.max_run_time,
                "max_memory": queue.max_memory,
            }
            for queue in entry.queues
        ],
    }
