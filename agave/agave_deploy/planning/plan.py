"""The plan: the steps that lead from what a tenant holds to what it shall hold.

manifest + profile + secrets → `Wanted` ┐
                                        ├─▶ `make_plan` → steps → executor
read-only calls              → `State`  ┘

Making a plan is a pure function, so that it can be printed, compared and tested.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agave_deploy.bundle.models import Function
from agave_deploy.planning.changes import Change, find_changes, find_keys
from agave_deploy.planning.folders import CONFIG_FILE, differences
from agave_deploy.planning.site_versions import name_version
from agave_deploy.planning.steps import (
    CopyFolder,
    DropNonce,
    GrantActor,
    GrantApp,
    GrantSystem,
    MakeNonce,
    NoteReleases,
    PublishSystem,
    PutActor,
    PutAlias,
    PutApp,
    PutConfig,
    PutSite,
    PutSystem,
    Step,
)
from agave_deploy.planning.wanted import Config, Wanted
from agave_deploy.systems.credentials import auth_digest
from agave_deploy.tenant.state import State
from agave_deploy.upkeep.releases import release_name

__all__ = ["Plan", "make_plan", "system_key"]

_MAY_RUN_JOBS = {"USER", "PUBLISHER", "ADMIN", "OWNER"}
_MAY_SEND = {"EXECUTE", "UPDATE"}


@dataclass(frozen=True)
class Plan:
    """Steps in the order in which they are to be taken.

    Attributes:
        steps: what is to be done.
        notes: what a person has to know of it.
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """How many steps, in words."""
        return "1 step" if len(self.steps) == 1 else f"{len(self.steps)} steps"

    def __str__(self) -> str:
        if not self.steps:
            return "nothing to do"
        return "\n".join(f"  {line}" for line in (*self.steps, *self.notes))

    def to_diff(self) -> str:
        """Return the plan with the values that are there, and that will be."""
        if not self.steps:
            return str(self)
        lines = []
        for step in self.steps:
            lines.append(f"  {step}")
            lines += [f"      {detail}" for detail in step.details]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


def make_plan(wanted: Wanted, state: State, applied: Mapping[str, str]) -> Plan:
    """Return the steps that are missing.

    Args:
        wanted: what shall be there.
        state: what is there.
        applied: fingerprint of each secret config, and of each system's key, as it
            was last set from here, since a tenant gives no secret back.
    """
    steps = (
        *_plan_systems(wanted, state, applied),
        *_plan_folders(wanted, state),
        *_plan_apps(wanted, state),
        *_plan_actors(wanted, state),
        *_plan_releases(wanted, state),
        *_plan_configs(wanted, state, applied),
        *_plan_nonces(wanted),
        *_plan_site(wanted, state),
        *_plan_stray_nonces(wanted, state),
    )
    return Plan(steps, tuple(_note_withdrawn(wanted, state)))


def system_key(system: str) -> str:
    """Return the name of the fingerprint of a system's key."""
    return f"system:{system}"


def _note_withdrawn(wanted: Wanted, state: State) -> Iterator[str]:
    """Say which systems are no longer offered: what is registered stays there."""
    for config in wanted.configs:
        found = str(state.configs.get(config.name, {}).get("value", ""))
        new, old = _read_registry(config.value), _read_registry(found)
        for name in old.keys() - new.keys():
            stays = sorted(
                str(value)
                for key, value in old[name].items()
                if key.endswith(("_system", "_app")) and value
            )
            yield (
                f"! system {name} is no longer offered; {', '.join(stays)} stay on "
                "the tenant, for the jobs that are there"
            )


def _read_registry(settings: str) -> dict[str, Mapping[str, Any]]:
    """Return the systems that a text of settings has, by name."""
    try:
        systems = json.loads(settings)["systems"]
        return {str(entry["name"]): entry for entry in systems}
    except (KeyError, TypeError, ValueError):
        return {}


def _plan_systems(
    wanted: Wanted, state: State, applied: Mapping[str, str]
) -> Iterator[Step]:
    for system in wanted.systems:
        found = state.systems.get(system.id)
        changes = find_changes(system.document, found or {})
        digest = auth_digest(system.document)
        if digest and applied.get(system_key(system.id)) != digest:
            changes = (*changes, Change("credential"))
        if found is None or changes:
            yield PutSystem(
                system.document, found is not None, changes if found else ()
            )
        if system.public and not (found or {}).get("public"):
            yield PublishSystem(system.id)
        if system.runs_jobs and not system.public:
            roles = state.roles.get(system.id, {})
            for user in wanted.profile.members:
                if roles.get(user) not in _MAY_RUN_JOBS:
                    yield GrantSystem(system.id, user)


def _plan_apps(wanted: Wanted, state: State) -> Iterator[Step]:
    for app in wanted.apps:
        found = state.apps.get(app.id)
        changes = find_changes(app.document, found or {})
        if found is None or changes:
            exists = found is not None
            yield PutApp(app.id, app.document, exists, changes if exists else ())
        users = state.app_users.get(app.id, set())
        for user in wanted.profile.members:
            if user not in users:
                yield GrantApp(app.id, user)


def _plan_actors(wanted: Wanted, state: State) -> Iterator[Step]:
    for function in wanted.functions:
        alias = wanted.alias(function)
        document = wanted.actor(function)
        actor = state.actor_of(alias, document["name"])
        found = state.actors.get(actor) if actor else None
        changes = find_changes(document, found or {})
        if found is None:
            yield PutActor(alias, document, None)
        elif changes:
            yield PutActor(alias, document, actor, changes)
        if found is None or state.aliases.get(alias) != actor:
            yield PutAlias(alias, alias in state.aliases)
        yield from _grant(wanted, function, state.actor_users.get(actor or "", {}))


def _grant(
    wanted: Wanted, function: Function, levels: Mapping[str, str]
) -> Iterator[Step]:
    users = {
        "members": wanted.profile.members,
        "admins": wanted.profile.admins,
        "nobody": (),
    }
    for user in users[function.grants]:
        if levels.get(user) not in _MAY_SEND:
            yield GrantActor(wanted.alias(function), user)


def _plan_configs(
    wanted: Wanted, state: State, applied: Mapping[str, str]
) -> Iterator[Step]:
    for config in wanted.configs:
        found = state.configs.get(config.name)
        if found is None or not _is_set(config, found, applied, state):
            yield PutConfig(config, found is not None, _changed_settings(config, found))


def _changed_settings(
    config: Config, found: Mapping[str, Any] | None
) -> tuple[Change, ...]:
    """Return the settings that will be others; nothing of a secret."""
    if config.secret or found is None:
        return ()
    try:
        new, old = json.loads(config.value), json.loads(found["value"])
        return find_keys(new, old)
    except (AttributeError, KeyError, TypeError, ValueError):
        return ()


def _is_set(
    config: Config,
    found: Mapping[str, Any],
    applied: Mapping[str, str],
    state: State,
) -> bool:
    readers = {part.strip() for part in str(found.get("actors", "")).split(",")}
    missing = {
        alias
        for alias in config.actors
        if alias not in readers and state.aliases.get(alias) not in readers
    }
    if missing or len(readers) != len(config.actors):
        return False
    if config.secret:
        return applied.get(config.name) == config.digest
    try:
        return bool(json.loads(found["value"]) == json.loads(config.value))
    except (KeyError, TypeError, ValueError):
        return False


def _plan_nonces(wanted: Wanted) -> Iterator[Step]:
    for function in wanted.functions:
        alias = wanted.alias(function)
        if function.nonce and alias not in wanted.nonces:
            yield MakeNonce(alias)


def _plan_stray_nonces(wanted: Wanted, state: State) -> Iterator[Step]:
    """Take back what an apply made and could not note before it was cut off."""
    for alias, nonces in state.nonces.items():
        for nonce in nonces:
            if nonce != wanted.nonces.get(alias):
                yield DropNonce(alias, nonce)


def _plan_releases(wanted: Wanted, state: State) -> Iterator[Step]:
    """Note what runs unnoted, and what will run."""
    releases = []
    for function in wanted.functions:
        image = wanted.actor(function)["image"]
        name = f"ipt-{wanted.alias(function)}"
        actor = state.actor_of(wanted.alias(function), name)
        found = state.actors.get(actor or "", {}).get("image")
        last = state.releases.last(function.name)
        if found and (last is None or last.image != found):
            releases.append((function.name, str(found)))
        if found != image:
            releases.append((function.name, image))
    if releases:
        yield NoteReleases(release_name(wanted.profile.instance), tuple(releases))


def _plan_folders(wanted: Wanted, state: State) -> Iterator[Step]:
    for folder in wanted.folders:
        found = state.digests.get((folder.system, folder.path), {})
        changed, removed = differences(folder.digests(), found)
        if changed or removed:
            yield CopyFolder(folder, changed, removed, not found)


def _plan_site(wanted: Wanted, state: State) -> Iterator[Step]:
    version = name_version(wanted.site)
    if version == state.site.version and state.site.complete:
        return
    changed, removed = differences(wanted.site.digests(), state.site_digests)
    if version is None:  # its config is made with the nonce
        changed = (CONFIG_FILE, *changed)
        removed = tuple(name for name in removed if name != CONFIG_FILE)
    yield PutSite(wanted.site, state.site, version, changed, removed)
