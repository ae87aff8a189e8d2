"""What a tenant shall hold: manifest, profile and secrets put together."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from agave_deploy.bundle.models import App, Function, Manifest, System
from agave_deploy.errors import ProfileError
from agave_deploy.planning.folders import Folder, read_app_folder, read_site_folder
from agave_deploy.planning.site_versions import stable_files
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault, variable_of
from agave_deploy.systems.credentials import Credentials, with_key

__all__ = ["OAUTH_CLIENT", "Config", "Wanted", "make_wanted", "write_site_config"]

OAUTH_CLIENT = "oauth-client"  # the vault's name for the OAuth client


@dataclass(frozen=True)
class Config:
    """One Abaco config.

    Attributes:
        name: with the instance.
        value: a text; never shown where it is a secret.
        secret: whether the tenant keeps it encrypted.
        actors: aliases of the functions that get it.
    """

    name: str
    value: str = field(repr=False)
    secret: bool
    actors: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A fingerprint; every secret is too random to be guessed from it."""
        return hashlib.sha256(f"{self.name}\0{self.value}".encode()).hexdigest()


@dataclass(frozen=True)
class Wanted:
    """Everything that shall be there, in the order in which it is made.

    Attributes:
        profile: of the tenant.
        systems: to be registered.
        apps: to be registered.
        functions: to be registered as actors.
        configs: to be set.
        folders: scripts of the apps.
        site: the whole site; without its config while a nonce is missing.
        nonces: that are there already, by alias.
        images: of the functions, by name; those that are left out are programs.
    """

    profile: Profile
    systems: tuple[System, ...]
    apps: tuple[App, ...]
    functions: tuple[Function, ...]
    configs: tuple[Config, ...]
    folders: tuple[Folder, ...]
    site: Folder
    nonces: Mapping[str, str] = field(repr=False)
    images: Mapping[str, str] = field(default_factory=dict)

    def alias(self, function: Function) -> str:
        """Return a function's name on this tenant."""
        return function.alias(self.profile.instance)

    def actor(self, function: Function) -> dict[str, Any]:
        """Return the registration of a function."""
        return function.actor(
            self.profile.instance,
            self.images.get(function.name, ""),
            limited=self.profile.limits,
        )


def make_wanted(  # noqa: PLR0917 - what a deployment is put together from
    manifest: Manifest,
    profile: Profile,
    vault: Vault,
    nonces: Mapping[str, str],
    credentials: Credentials | None = None,
    images: Mapping[str, str] = MappingProxyType({}),
) -> Wanted:
    """Return what the tenant of a profile shall hold.

    Args:
        manifest: of the checkout, with the systems of the registry.
        profile: of the tenant.
        vault: its secrets; keys that are missing are made.
        nonces: nonce of each alias that has one already.
        credentials: the keys of systems; those of the vault and the environment
            where None.
        images: of the functions, by name; those that are left out are programs.

    Raises:
        ManifestError: A page of the site names what is not there.
        ProfileError: There are execution hosts over SSH and no key for them.
        SecretsError: The key of a system is missing, or none.
    """
    keys = credentials or Credentials(vault)
    if profile.needs_ssh_key and not vault.find_given("ssh-key"):
        raise ProfileError(
            "terminal_hosts has hosts over SSH: put the private key for them into the "
            "folder of secrets, as ssh-key (mode 600), or into the environment as "
            f"{variable_of('ssh-key')}."
        )
    # The apps of all systems share their scripts.
    scripts = [read_app_folder(app) for app in manifest.apps]
    folders = list({(each.system, each.path): each for each in scripts}.values())
    config = write_site_config(manifest.functions, profile, nonces)
    site = read_site_folder(manifest.site, profile, config)
    stable_files(site, "")  # refuses what would be missing
    return Wanted(
        profile=profile,
        systems=tuple(with_key(system, keys) for system in manifest.systems),
        apps=manifest.apps,
        functions=manifest.functions,
        configs=_make_configs(manifest, profile, vault),
        folders=tuple(folders),
        site=site,
        nonces=nonces,
        images=images,
    )


def _make_configs(
    manifest: Manifest, profile: Profile, vault: Vault
) -> tuple[Config, ...]:
    # Settings last: what they tell of a key must be able to rely on its being there.
    values = {
        "oauth-client": _oauth_client(vault),
        "session-key": vault.session_key(),
        "ticket-key": vault.ticket_key(),
        "ssh-key": vault.find_given("ssh-key"),
        "settings": json.dumps(_settings(manifest, profile, vault), sort_keys=True),
    }
    configs = []
    for name, value in values.items():
        users = [f for f in manifest.functions if name in f.reads]
        if users and value:  # a site without execution hosts has no ssh-key
            aliases = tuple(function.alias(profile.instance) for function in users)
            full = f"{profile.instance}-{name}"
            configs.append(Config(full, value, name != "settings", aliases))
    return tuple(configs)


def _oauth_client(vault: Vault) -> str | None:
    kept = vault.read_object(OAUTH_CLIENT)
    if not kept:
        return None
    return json.dumps({"key": kept["key"], "secret": kept["secret"]})


def _settings(manifest: Manifest, profile: Profile, vault: Vault) -> dict[str, Any]:
    granted = [f for f in manifest.functions if f.grants == "members"]
    return {
        "terminal_host": "auto",
        "terminal_address": "127.0.0.1",
        "terminal_ws_scheme": "ws",
        "terminal_image": "ipt/terminal-session:latest",
        "terminal_network": "none",
        "terminal_capacity": 0,
        "terminal_deadline_s": 120,
        "terminal_idle_s": 4 * 3600,
        "terminal_max_age_s": 0,
        "call_actor": True,
        **profile.settings,
        "instance": profile.instance,
        "site_origin": profile.tenant,
        "callback_url": profile.callback_url,
        "service_account": profile.service_account,
        "storage_system": profile.storage_system,
        "admin_users": list(profile.admins),
        "systems": [dict(entry) for entry in manifest.registry],
        "functions": [function.alias(profile.instance) for function in granted],
        "ticket_public_key": vault.ticket_public_key(),
        "ticket_mark": vault.ticket_mark(),
    }


def write_site_config(
    functions: tuple[Function, ...], profile: Profile, nonces: Mapping[str, str]
) -> str | None:
    """Return the text of the site's `config.js`; None while a nonce is missing."""
    asked = [f for f in functions if f.nonce]
    found = [nonces.get(function.alias(profile.instance)) for function in asked]
    if None in found:
        return None
    value = {
        "tenant": "",  # the origin that the page came from
        "instance": profile.instance,
        "authNonce": found[0] if found else "",
        "storageSystem": profile.storage_system,
        "siteRoot": profile.site_path,
        "functions": {
            function.name.replace("-", "_"): function.alias(profile.instance)
            for function in functions
        },
    }
    text = json.dumps(value, indent=2)
    return f"// Written by agave-deploy.\nexport const config = {text};\n"
