"""The doors to the outside."""

from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import ConfigError
from iptweb.runtime import Platform
from iptweb.secret import Secret
from iptweb.settings import Configs
from iptweb.terminals.host import HostPool
from iptweb.testing import make_configs

FAR = {
    "name": "far",
    "engine": "ssh://ipt@192.0.2.1:22",
    "host_key": "ssh-ed25519 AAAA",
}


def choose(asked: list[str], **settings: Any) -> HostPool:
    """Return the hosts of some settings, and note which secrets were asked for."""

    def secret(name: str) -> Secret:
        asked.append(name)
        return Configs(make_configs()).secret("test", name)

    configs = Configs(make_configs(**settings))
    host = Platform().choose_host(configs.settings(), secret, print)
    assert isinstance(host, HostPool)
    return host


def test_real_doors(tmp_path: Path) -> None:
    """Without a test's own, the doors lead to the real things."""
    asked: list[str] = []
    host = choose(asked, terminal_host="process", terminal_dir=str(tmp_path))

    assert host.names == ("process 127.0.0.1",)
    assert host.living() == []
    assert asked == []
    assert len(Platform().new_id()) > 40
    assert Platform().new_id() != Platform().new_id()


def test_key_is_asked_for_where_a_host_needs_it() -> None:
    """The key of execution hosts is touched only where one is reached over SSH."""
    asked: list[str] = []

    choose(asked, terminal_hosts=[{"name": "near", "engine": "unix:///run/x.sock"}])
    assert asked == []
    with pytest.raises(ConfigError, match="test-ssh-key is missing"):
        choose(asked, terminal_hosts=[FAR])
    assert asked == ["ssh-key"]
