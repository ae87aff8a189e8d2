"""What the functions are told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import ProfileError
from agave_deploy.planning.wanted import Config, make_wanted
from agave_deploy.profiles.profile import to_profile
from agave_deploy.profiles.vault import Vault
from iptweb.settings import Configs, EngineHost, Settings

ROOT = Path(__file__).parents[3]
FAR: dict[str, Any] = {
    "name": "far",
    "engine": "ssh://ipt@192.0.2.1:22",
    "host_key": "ssh-ed25519 AAAA",
    "capacity": 20,
    "drain": True,
}


class Teller:
    """Makes the configs of a profile, with some settings changed."""

    def __init__(
        self, manifest: Manifest, fields: dict[str, Any], vault: Vault, folder: Path
    ) -> None:
        self._manifest = manifest
        self._fields = fields
        self._vault = vault
        self._folder = folder

    def configs(self, **settings: Any) -> dict[str, Config]:
        """Return the configs, by name."""
        fields = {**self._fields, "settings": self._fields["settings"] | settings}
        profile = to_profile(fields, self._folder)
        wanted = make_wanted(self._manifest, profile, self._vault, {})
        return {config.name: config for config in wanted.configs}

    def settings(self, **settings: Any) -> Settings:
        """Return the settings as a function reads them."""
        value = self.configs(**settings)["prod-settings"].value
        return Configs({"prod-settings": value}).settings()


@pytest.fixture(name="teller")
def _teller(
    manifest: Manifest, profile_fields: dict[str, Any], vault: Vault, tmp_path: Path
) -> Teller:
    # With the real list of functions: it says who gets which config.
    own = replace(manifest, functions=read_manifest(ROOT).functions)
    return Teller(own, profile_fields, vault, tmp_path)


def test_functions_get_the_defaults(teller: Teller) -> None:
    """Settings that a profile does not have are sent with their usual values."""
    sent = json.loads(teller.configs()["prod-settings"].value)
    settings = teller.settings()

    assert sent["terminal_network"] == "none"
    assert settings.terminals.host == "auto"
    assert settings.terminals.image == "ipt/terminal-session:latest"
    assert (settings.terminals.idle_s, settings.terminals.max_age_s) == (14400, 0)
    assert settings.terminals.capacity == 0
    assert settings.terminals.ws_scheme == "wss"


def test_profile_is_passed_on(teller: Teller, vault: Vault) -> None:
    """What a profile says of terminals is what the functions read."""
    vault.write("ssh-key", "key")
    terminals = teller.settings(
        terminal_idle_s=60,
        terminal_limits={"memory": "1g", "processors": 1.5},
        terminal_hosts=[FAR],
    ).terminals

    assert terminals.idle_s == 60
    assert terminals.limits.memory_bytes == 1 << 30
    assert terminals.limits.processors == 1.5
    assert terminals.hosts == (EngineHost(address="192.0.2.1", **FAR),)


def test_hosts_over_ssh_need_a_key(teller: Teller, vault: Vault) -> None:
    """Without the key nothing is deployed; with it the terminal function alone has it.

    A host on the same machine needs none.
    """
    near = {"name": "near", "engine": "unix:///run/x.sock"}

    assert "prod-ssh-key" not in teller.configs(terminal_hosts=[near])
    with pytest.raises(ProfileError, match="put the private key for them"):
        teller.configs(terminal_hosts=[near, FAR])
    vault.write("ssh-key", "key")
    config = teller.configs(terminal_hosts=[near, FAR])["prod-ssh-key"]
    assert (config.secret, config.actors) == (True, ("prod-terminal",))
