"""What the settings of functions may be: the deployer's check and the functions'."""

from collections.abc import Mapping
from typing import Any

import pytest

from agave_deploy.errors import ProfileError
from agave_deploy.profiles.settings import check_settings
from iptweb.errors import ConfigError
from iptweb.settings.reader import Reader
from iptweb.settings.terminals import read_terminal_settings

HERE = {"name": "here", "engine": "unix:///run/engine.sock"}
FAR = {"name": "far", "engine": "ssh://ipt@far:22", "host_key": "ssh-ed25519 AAAA"}
WRONG_COUNTS = ["one", "1", -1, 1.5, True, None, [], {}]
WRONG_TEXTS = [7, "", None, [], {}, True]
WRONG_SIZES = ["2", "0m", "2 g", "2G", "1234567k", "-1m", 7, True, ["2g"]]
WRONG_USERS = ["0:1000", "1000:0", "1000", "a:b", "1000:1000:1", 1000, "1:1234567890"]
WRONG_FRACTIONS = ["2", 0, -1, True, None, []]

WRONG: dict[str, list[Any]] = {
    "terminal_host": ["kubernetes", "", 7, None, ["docker"]],
    "terminal_engine": ["tcp://x", "ssh://a@b", "unix://x", 7, ["unix:///x"]],
    "terminal_hosts": [{}, None, "far", ["far"], [HERE, HERE]],
    "terminal_image": WRONG_TEXTS,
    "terminal_network": WRONG_TEXTS,
    "terminal_user": WRONG_USERS,
    "terminal_home_root": [*WRONG_TEXTS, "homes"],
    "terminal_dir": [*WRONG_TEXTS, "./run"],
    "terminal_address": WRONG_TEXTS,
    "terminal_ws_scheme": ["http", "", None, 7, ["ws"]],
    "terminal_capacity": WRONG_COUNTS,
    "terminal_drain": ["true", 1, None, []],
    "terminal_limits": [None, [], "2g", 7, {"memori": "2g"}],
    "terminal_deadline_s": [*WRONG_COUNTS, 0],
    "terminal_idle_s": WRONG_COUNTS,
    "terminal_max_age_s": WRONG_COUNTS,
}
WRONG_LIMITS: dict[str, list[Any]] = {
    "memory": WRONG_SIZES,
    "file_size": WRONG_SIZES,
    "temporary": WRONG_SIZES,
    "processors": WRONG_FRACTIONS,
    "processes": [*WRONG_COUNTS, 0],
    "open_files": [*WRONG_COUNTS, 0],
}
WRONG_HOSTS: dict[str, list[Any]] = {
    "name": ["", "Far", "a b", "-a", "a" * 64, 7, None, []],
    "engine": ["", "tcp://x", "ssh://far", "ssh://a:b@far", "unix://x", 7, None, []],
    "address": WRONG_TEXTS,
    "home_root": ["homes", 7, ["/homes"]],
    "capacity": WRONG_COUNTS,
    "drain": ["true", 1, None, []],
    "host_key": ["", None, "AAAA", 7, ["ssh-ed25519", "AAAA"]],
    "engine_command": WRONG_TEXTS,
    "user": WRONG_USERS,
    "hostkey": ["ssh-ed25519 AAAA"],
}


def _cases() -> list[tuple[str, dict[str, Any]]]:
    return [
        *((key, {key: value}) for key, bad in WRONG.items() for value in bad),
        *(
            (key, {"terminal_limits": {key: value}})
            for key, bad in WRONG_LIMITS.items()
            for value in bad
        ),
        *(
            (key if value and key not in ("name", "engine") else "", _with(key, value))
            for key, bad in WRONG_HOSTS.items()
            for value in bad
        ),
    ]


def _with(key: str, value: object) -> dict[str, Any]:
    return {"terminal_hosts": [HERE, {**FAR, key: value}]}


def _read(settings: Mapping[str, Any]) -> None:
    """Do what a function does with settings that stand beside the needed ones."""
    needed = {"terminal_home_root": "/homes", "terminal_dir": "/run/terminals"}
    read_terminal_settings(Reader({**needed, **settings}, "dev-settings"))


@pytest.mark.parametrize(("named", "settings"), _cases())
def test_wrong_setting(named: str, settings: dict[str, Any]) -> None:
    """What a function would refuse is refused before, and the key is named."""
    with pytest.raises(ConfigError):
        _read(settings)
    with pytest.raises(ProfileError) as refusal:
        check_settings(settings)

    assert str(refusal.value).startswith("settings")
    assert named in str(refusal.value)
    assert next(iter(settings)) in str(refusal.value)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"terminal_host": "docker", "terminal_engine": "unix:///run/engine.sock"},
        {"terminal_engine": "", "terminal_user": None, "terminal_hosts": []},
        {"terminal_user": "1000:100", "terminal_ws_scheme": "wss"},
        {"terminal_capacity": 0, "terminal_idle_s": 0, "terminal_max_age_s": 0},
        {"terminal_limits": {"memory": "512m", "file_size": "", "processors": 0.5}},
        {"terminal_limits": {"processors": 2, "processes": 1, "temporary": "010k"}},
        {"terminal_hosts": [HERE, FAR]},
        {"terminal_hosts": [{**HERE, "home_root": "", "host_key": None, "user": ""}]},
        {"terminal_hosts": [{**FAR, "engine": "ssh://ipt@[::1]:22", "drain": True}]},
    ],
)
def test_right_setting(settings: dict[str, Any]) -> None:
    """What a function takes may stand in a profile."""
    _read(settings)
    check_settings(settings)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_endless_number(value: float) -> None:
    """What JSON can't hold is no number of processors."""
    with pytest.raises(ProfileError, match="processors must be a number above 0"):
        check_settings({"terminal_limits": {"processors": value}})


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ipt_python": 7}, "ipt_python must be a text"),
        ({"call_actor": "no"}, "call_actor must be true or false"),
        ({"terminal_limits": {3: 4}}, "terminal_limits has no key 3"),
    ],
)
def test_wrong_other_setting(settings: dict[str, Any], reason: str) -> None:
    """Settings that are not only of terminals are checked, too."""
    with pytest.raises(ProfileError, match=reason):
        check_settings(settings)
