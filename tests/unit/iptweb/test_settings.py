"""Settings come from configs, typed, and failures name the setting."""

import json
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import ConfigError
from iptweb.settings import Configs
from iptweb.testing import make_configs, make_settings


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
        ("call_actor", "no"),
    ],
)
def test_malformed_settings_are_named(key: str, value: Any) -> None:
    """A malformed key is named, its value is not shown."""
    configs = Configs({"test-settings": json.dumps(make_settings(**{key: value}))})

    with pytest.raises(ConfigError, match=key) as caught:
        configs.settings()

    assert "moon" not in caught.value.message


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
