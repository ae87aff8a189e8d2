"""What a tenant holds now, found out by calls that change nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agave_deploy.bundle.models import Manifest
from agave_deploy.planning.folders import MANIFEST_FILE, SITE, read_digests
from agave_deploy.planning.site_versions import (
    NO_SITE,
    RECORD_FILE,
    SiteRecord,
    read_record,
)
from agave_deploy.profiles.profile import Profile
from agave_deploy.tenant.client import TenantClient
from agave_deploy.tenant.ownership import (
    check_configs,
    check_owner,
    own_actors,
    own_aliases,
)
from agave_deploy.upkeep.releases import Releases, read_releases

__all__ = ["NONCE", "State", "read_state"]

Object = Mapping[str, Any]
NONCE = "calls before sign-in"  # what the description of our nonces says


@dataclass(frozen=True)
class State:
    """The part of a tenant that concerns one instance; by default, nothing.

    Attributes:
        systems: by id.
        roles: of users, by system.
        apps: by id.
        app_users: who may run each app.
        actors: our own by id.
        aliases: our own, the actor's id of each.
        actor_users: permission of each user, by the actor's id.
        configs: by name.
        nonces: ids, by alias.
        digests: of the files, by system and folder.
        site: which versions of the site there are.
        site_digests: of the files of the newest one.
        releases: which images the functions had.
    """

    systems: Mapping[str, Object] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    apps: Mapping[str, Object] = field(default_factory=dict)
    app_users: Mapping[str, set[str]] = field(default_factory=dict)
    actors: Mapping[str, Object] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    actor_users: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    configs: Mapping[str, Object] = field(default_factory=dict)
    nonces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digests: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    site: SiteRecord = NO_SITE
    site_digests: Mapping[str, str] = field(default_factory=dict)
    releases: Releases = field(default_factory=Releases)

    def actor_of(self, alias: str, name: str) -> str | None:
        """Return the actor behind an alias, else one of that name.

        The name finds an actor that an interrupted run made without its alias.  Both
        are ours, or `read_state` would have refused them.
        """
        if alias in self.aliases:
            return self.aliases[alias]
        found = [id_ for id_, actor in self.actors.items() if actor.get("name") == name]
        return found[0] if found else None


def read_state(client: TenantClient, manifest: Manifest, profile: Profile) -> State:
    """Read a tenant.

    Raises:
        TenantError: It does not answer, or does not let the account read.
        TenantOccupied: Something of ours belongs to somebody else there.
    """
    account = profile.service_account
    systems = _present({s.id: client.find_system(s.id) for s in manifest.systems})
    apps = _present({app.id: client.find_app(app.id) for app in manifest.apps})
    for kind, records in (("system", systems), ("app", apps)):
        for id_, record in records.items():
            check_owner(kind, id_, record, account)
    running = [s.id for s in manifest.systems if s.runs_jobs and s.id in systems]
    own = {f.alias(profile.instance): f for f in manifest.functions}
    names = {f.actor(profile.instance)["name"] for f in manifest.functions}
    actors = own_actors(client.actors(), names, account)
    known = own_aliases(client.aliases(), own, account)
    configs = client.configs()
    wanted = {
        f"{profile.instance}-{name}" for f in manifest.functions for name in f.reads
    }
    check_configs(client, sorted(wanted & configs.keys()), account)
    site = _read_site(client, profile, systems)
    return State(
        systems=systems,
        roles={system: client.system_roles(system) for system in running},
        apps=apps,
        app_users={app: client.app_users(app) for app in apps},
        actors=actors,
        aliases=known,
        actor_users={
            actor: client.actor_users(actor)
            for actor in sorted(set(known.values()) & actors.keys())
        },
        configs=configs,
        nonces={
            alias: tuple(
                str(nonce["id"])
                for nonce in client.nonces(alias)
                if nonce.get("description") == NONCE
            )
            for alias in known
            if own[alias].nonce
        },
        digests={
            (app.system, app.path): _read_manifest(
                client, app.system, app.path, systems
            )
            for app in {each.path: each for each in manifest.apps}.values()
        },
        site=site,
        site_digests=_read_manifest(
            client, profile.site_system, f"{SITE}/{site.version}", systems
        )
        if site.version
        else {},
        releases=read_releases(client, profile.instance),
    )


def _read_site(
    client: TenantClient, profile: Profile, systems: Mapping[str, Object]
) -> SiteRecord:
    if profile.site_system not in systems:
        return NO_SITE
    path = f"{SITE}/{RECORD_FILE}"
    return read_record(client.read_file(profile.site_system, path))


def _read_manifest(
    client: TenantClient, system: str, path: str, systems: Mapping[str, Object]
) -> dict[str, str]:
    if system not in systems:
        return {}
    return read_digests(client.read_file(system, f"{path}/{MANIFEST_FILE}"))


def _present(records: Mapping[str, Object | None]) -> dict[str, Object]:
    return {key: record for key, record in records.items() if record is not None}
