"""Settings come from configs, typed, and failures name the setting."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import ConfigError
from iptweb.settings import (
    Configs,
    EngineHost,
    Settings,
    TerminalLimits,
    TerminalSettings,
)
from iptweb.testing import make_configs, make_settings

DOCUMENT = Path(__file__).parents[3] / "docs/architecture.md"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
NEAR = {"name": "near", "engine": "unix:///run/podman.sock"}
FAR = {
    "name": "far-1.example",
    "engine": "ssh://ipt@192.0.2.1:2222",
    "host_key": HOST_KEY,
}


def test_settings_are_typed() -> None:
    """All keys arrive with their types."""
    settings = Configs.from_repr(repr(make_configs())).settings()

    assert settings.instance == "test"
    assert settings.origins == ("http://127.0.0.1:8080",)
    assert settings.terminals.home_root == Path("/homes")
    assert settings.call_actor is True
    assert settings.is_admin("grace")
    assert not settings.is_admin("ada")


def test_json_configs_are_read_as_well() -> None:
    """Configs may come as JSON instead of a Python repr."""
    assert Configs.from_repr(json.dumps(make_configs())).settings().instance == "test"


def test_service_account_is_optional() -> None:
    """Without a service account the platform is asked for it, later."""
    configs = make_configs(service_account="")

    assert Configs(configs).settings().service_account == ""


@pytest.mark.parametrize("text", ["[1]", "{", "f()", "(" * 300, "'x'"])
def test_unreadable_configs(text: str) -> None:
    """Configs that are no mapping are refused without showing them."""
    with pytest.raises(ConfigError, match="configs of this actor are"):
        Configs.from_repr(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("instance", "other"),
        ("instance", 3),
        ("site_origin", "127.0.0.1:8080"),
        ("site_origin", "http://host/path"),
        ("callback_url", ""),
        ("storage_system", None),
        ("admin_users", "grace"),
        ("admin_users", [1]),
        ("systems", [1]),
        ("functions", {}),
        ("terminal_host", "moon"),
        ("terminal_ws_scheme", "http"),
        ("terminal_deadline_s", 0),
        ("terminal_deadline_s", True),
        ("terminal_deadline_s", "120"),
        ("terminal_engine", "ssh://ipt@192.0.2.1"),
        ("terminal_engine", "tcp://192.0.2.1:2375"),
        ("terminal_engine", "unix://relative"),
        ("terminal_engine", 1),
        ("terminal_image", ""),
        ("terminal_image", 7),
        ("terminal_network", ""),
        ("terminal_user", "ada"),
        ("terminal_user", "1000"),
        ("terminal_user", "0:0"),
        ("terminal_user", "1000:0"),
        ("terminal_user", "-1:1000"),
        ("terminal_user", "\u0661:\u0661"),
        ("terminal_home_root", ""),
        ("terminal_home_root", None),
        ("terminal_home_root", "homes"),
        ("terminal_dir", None),
        ("terminal_dir", "./run"),
        ("terminal_address", ""),
        ("terminal_capacity", -1),
        ("terminal_capacity", 1.5),
        ("terminal_capacity", True),
        ("terminal_drain", "true"),
        ("terminal_idle_s", -1),
        ("terminal_idle_s", "4h"),
        ("terminal_max_age_s", -1),
        ("terminal_limits", []),
        ("terminal_hosts", {}),
        ("terminal_hosts", ["far"]),
        ("terminal_hosts", [NEAR, NEAR]),
        ("call_actor", "no"),
    ],
)
def test_malformed_settings_are_named(key: str, value: Any) -> None:
    """A malformed key is named, its value is not shown."""
    configs = Configs({"test-settings": json.dumps(make_settings(**{key: value}))})

    with pytest.raises(ConfigError, match=key) as caught:
        configs.settings()

    assert "moon" not in caught.value.message


def read_terminals(**changes: Any) -> TerminalSettings:
    """Return the settings of terminals, with some keys changed."""
    text = json.dumps(make_settings(**changes))
    return Configs({"test-settings": text}).settings().terminals


def test_terminals_have_good_defaults() -> None:
    """Two folders are all that must be said of terminals."""
    raw = make_settings()
    kept = {"terminal_home_root", "terminal_dir"}
    least = {k: v for k, v in raw.items() if not k.startswith("terminal") or k in kept}

    assert TerminalSettings(
        host="auto",
        engine="",
        hosts=(),
        image="ipt/terminal-session:latest",
        network="none",
        user="",
        home_root=Path("/homes"),
        dir=Path("/terminals"),
        address="127.0.0.1",
        ws_scheme="ws",
        capacity=0,
        limits=TerminalLimits(),
        deadline_s=120,
        idle_s=4 * 3600,
        max_age_s=0,
    ) == (Configs({"test-settings": json.dumps(least)}).settings().terminals)


def test_every_key_is_documented() -> None:
    """The page on settings names each key, of the instance, of hosts and of limits."""
    page = DOCUMENT.read_text("utf-8")
    _, _, rest = page.partition("### 5.1")
    section, _, _ = rest.partition("### 5.2")
    keys = {field.name for field in dataclasses.fields(Settings)} - {"terminals"}
    keys |= {f"terminal_{field.name}" for field in dataclasses.fields(TerminalSettings)}
    keys |= {field.name for field in dataclasses.fields(EngineHost)}
    keys |= {"memory", "processors", "processes", "file_size", "open_files"}

    assert [key for key in sorted(keys) if f"`{key}`" not in section] == []


def test_every_key_of_terminals_is_read() -> None:
    """What the settings say of terminals is what counts."""
    terminals = read_terminals(
        terminal_host="docker",
        terminal_engine="unix:///run/docker.sock",
        terminal_hosts=[NEAR, FAR],
        terminal_image="registry.example/terminal:2",
        terminal_network="quiet",
        terminal_user="1234:100",
        terminal_home_root="/srv/homes",
        terminal_dir="/srv/terminals",
        terminal_address="192.0.2.7",
        terminal_ws_scheme="wss",
        terminal_capacity=40,
        terminal_limits={"processes": 100},
        terminal_deadline_s=60,
        terminal_idle_s=0,
        terminal_max_age_s=86400,
        terminal_drain=True,
    )

    assert TerminalSettings(
        host="docker",
        engine="unix:///run/docker.sock",
        hosts=(
            EngineHost(
                name="near", engine="unix:///run/podman.sock", address="127.0.0.1"
            ),
            EngineHost(
                name="far-1.example",
                engine="ssh://ipt@192.0.2.1:2222",
                address="192.0.2.1",
                host_key=HOST_KEY,
            ),
        ),
        image="registry.example/terminal:2",
        network="quiet",
        user="1234:100",
        home_root=Path("/srv/homes"),
        dir=Path("/srv/terminals"),
        address="192.0.2.7",
        ws_scheme="wss",
        capacity=40,
        limits=TerminalLimits(processes=100),
        deadline_s=60,
        idle_s=0,
        max_age_s=86400,
        drain=True,
    ) == (terminals)


def test_every_key_of_a_host_is_read() -> None:
    """A host may differ from the others in everything."""
    whole = {
        **FAR,
        "address": "far.example",
        "home_root": "/data/homes",
        "capacity": 12,
        "drain": True,
        "engine_command": "podman system dial-stdio",
        "user": "2000:2000",
    }

    assert read_terminals(terminal_hosts=[whole]).hosts == (
        EngineHost(
            name="far-1.example",
            engine="ssh://ipt@192.0.2.1:2222",
            address="far.example",
            home_root="/data/homes",
            capacity=12,
            drain=True,
            host_key=HOST_KEY,
            engine_command="podman system dial-stdio",
            user="2000:2000",
        ),
    )


@pytest.mark.parametrize(
    ("engine", "address"),
    [
        ("ssh://ipt@far.example", "far.example"),
        ("ssh://ipt@192.0.2.1:22", "192.0.2.1"),
        ("ssh://ipt@[2001:db8::1]:22", "2001:db8::1"),
        ("unix:///run/user/1000/podman/podman.sock", "127.0.0.1"),
    ],
)
def test_terminals_are_where_the_engine_is(engine: str, address: str) -> None:
    """Unless a setting says otherwise, browsers go to the machine of the engine."""
    (host,) = read_terminals(terminal_hosts=[{**FAR, "engine": engine}]).hosts

    assert host.address == address


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("name", "", "name"),
        ("name", None, "name"),
        ("name", "Far", "name"),
        ("name", "far host", "name"),
        ("name", "-far", "name"),
        ("name", "x" * 64, "name"),
        ("engine", None, "engine"),
        ("engine", "tcp://192.0.2.1:2375", "engine"),
        ("engine", "http://192.0.2.1", "engine"),
        ("engine", "ssh://192.0.2.1", "engine"),
        ("engine", "ssh://ipt@", "engine"),
        ("engine", "ssh://ipt:pass@192.0.2.1", "engine"),
        ("engine", "ssh://ipt@192.0.2.1:port", "engine"),
        ("engine", "ssh://[::1", "engine"),
        ("engine", "unix://run/x.sock", "engine"),
        ("engine", "unix:///", "engine"),
        ("host_key", "", "host_key"),
        ("host_key", "AAAA", "host_key"),
        ("host_key", 1, "host_key"),
        ("address", 1, "address"),
        ("home_root", 1, "home_root"),
        ("home_root", "homes", "home_root"),
        ("capacity", -1, "capacity"),
        ("capacity", "many", "capacity"),
        ("drain", "yes", "drain"),
        ("engine_command", "", "engine_command"),
        ("user", "0:0", "user"),
        ("colour", "red", "colour"),
    ],
)
def test_malformed_host_is_named(key: str, value: Any, named: str) -> None:
    """The number of the host and the key are named, the value is not shown."""
    with pytest.raises(ConfigError, match=rf"terminal_hosts\[1\].*{named}") as caught:
        read_terminals(terminal_hosts=[NEAR, {**FAR, key: value}])

    assert "pass" not in caught.value.message


def test_every_limit_is_read() -> None:
    """Each limit of a terminal is a setting."""
    limits = read_terminals(
        terminal_limits={
            "memory": "512m",
            "processors": 0.5,
            "processes": 64,
            "file_size": "100k",
            "open_files": 256,
            "temporary": "1g",
        }
    ).limits

    assert TerminalLimits(
        memory_bytes=512 << 20,
        processors=0.5,
        processes=64,
        file_bytes=100 << 10,
        open_files=256,
        temporary_bytes=1 << 30,
    ) == (limits)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("memory", "512"),
        ("memory", 512),
        ("memory", "0m"),
        ("memory", "-1g"),
        ("memory", "1.5g"),
        ("memory", "512M"),
        ("processors", 0),
        ("processors", -1),
        ("processors", "2"),
        ("processors", True),
        ("processes", 0),
        ("processes", 1.5),
        ("file_size", "big"),
        ("open_files", 0),
        ("open_files", None),
        ("temporary", "1t"),
        ("swap", "1g"),
    ],
)
def test_malformed_limit_is_named(key: str, value: Any) -> None:
    """A limit that is none is no reason to go without."""
    with pytest.raises(ConfigError, match=rf"terminal_limits.*{key}"):
        read_terminals(terminal_limits={key: value})


def test_missing_settings_are_named() -> None:
    """A missing config is named."""
    configs = Configs({})

    with pytest.raises(ConfigError, match="<instance>-settings"):
        configs.settings()
    with pytest.raises(ConfigError, match="test-session-key is missing"):
        configs.secret("test", "session-key")
    with pytest.raises(ConfigError, match="test-oauth-client is missing"):
        configs.oauth_client("test")


def test_two_settings_are_refused() -> None:
    """An actor that was given two instances' settings can't know which."""
    with pytest.raises(ConfigError, match="given once"):
        Configs({"a-settings": "{}", "b-settings": "{}"}).settings()


@pytest.mark.parametrize("text", ["", "nope", "[]", '{"key": "k"}', '{"key": 1}'])
def test_malformed_oauth_client(text: str) -> None:
    """The OAuth client needs both parts, and neither is shown."""
    with pytest.raises(ConfigError, match="test-oauth-client"):
        Configs({"test-oauth-client": text}).oauth_client("test")


def test_configs_and_secrets_don_t_show() -> None:
    """The repr of configs has names only."""
    configs = Configs(make_configs())

    assert "client-secret" not in repr(configs)
    assert "client-secret" not in repr(configs.oauth_client("test"))
    assert configs.oauth_client("test").secret.reveal() == "client-secret"
