"""Reading a tenant's profile."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from agave_deploy.errors import ProfileError
from agave_deploy.profiles.profile import Profile, read_profile, to_profile
from agave_deploy.profiles.settings import SETTINGS
from iptweb.settings import TerminalSettings


def test_profile_addresses(profile: Profile) -> None:
    """The site and the callback lie at the public download address."""
    base = "https://api.example.org/files/v2/download/ipt/system/ipt.site/site"

    assert profile.site_url == f"{base}/index.html"
    assert profile.callback_url == f"{base}/callback.html"


def test_read_profile(tmp_path: Path, profile_fields: dict[str, Any]) -> None:
    """A profile's secrets lie beside its file unless it says otherwise."""
    path = tmp_path / "prod.yaml"
    path.write_text(yaml.safe_dump(profile_fields), "utf-8")

    profile = read_profile(path)

    assert profile.secrets == tmp_path / "secrets"
    assert profile.members == ("ada", "grace")


@pytest.mark.parametrize("systems", ["systems", ["systems"]])
def test_profile_systems(
    profile_fields: dict[str, Any], tmp_path: Path, systems: object
) -> None:
    """The folder of systems lies beside the profile unless it says otherwise."""
    profile = to_profile(profile_fields | {"systems": systems}, tmp_path)

    assert profile.systems == (tmp_path / "systems",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tenant": ""}, "tenant must be an address"),
        ({"tenant": "ftp://x"}, "tenant must be an address"),
        ({"tenant": "https://x/path"}, "tenant must be an address"),
        ({"tenant": "http://api.example.org"}, "tenant must be https"),
        ({"tenant": 5}, "tenant must be a text"),
        ({"members": "ada"}, "members must be a list of texts"),
        ({"admins": [1]}, "admins must be a list of texts"),
        ({"registry": {}}, "registry has become systems: a folder"),
        ({"public_systems": "yes"}, "public_systems must be true or false"),
        ({"systems": 7}, "systems must be the folder"),
        ({"systems": [7]}, "systems must be the folder"),
        ({"images": "IPT/"}, "images must be what the names"),
        ({"images": "ipt/x:1"}, "images must be what the names"),
        ({"images": 1}, "images must be a text"),
        ({"limits": "yes"}, "limits must be true or false"),
        ({"ca_bundle": "none.pem"}, "ca_bundle names no file"),
        ({"answer_s": 0}, "answer_s must be a number up to 3600"),
        ({"answer_s": True}, "answer_s must be a number"),
        ({"answer_s": "1"}, "answer_s must be a number"),
        ({"settings": []}, "settings must be a mapping"),
        ({"settings": {}}, "settings needs terminal_home_root, terminal_dir"),
    ],
)
def test_profile_bad_field(
    profile_fields: dict[str, Any],
    tmp_path: Path,
    change: dict[str, Any],
    reason: str,
) -> None:
    """A wrong field is named."""
    with pytest.raises(ProfileError, match=reason):
        to_profile(profile_fields | change, tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"terminal_hots": []}, "settings has no key terminal_hots"),
        ({"instance": "x"}, "settings has no key instance"),
        ({3: 4}, "settings has no key 3"),
        ({"terminal_hosts": {}}, "terminal_hosts must be a list"),
        ({"terminal_hosts": ["far"]}, "terminal_hosts must be a list"),
        ({"terminal_hosts": [{"name": "far"}]}, "needs a name, an engine"),
        ({"terminal_hosts": [{"engine": "unix:///x"}]}, "needs a name, an engine"),
        (
            {"terminal_hosts": [{"name": "far", "engine": "ssh://a@b"}]},
            "far needs its host_key",
        ),
    ],
)
def test_profile_bad_setting(
    profile_fields: dict[str, Any],
    tmp_path: Path,
    change: dict[Any, Any],
    reason: str,
) -> None:
    """A setting that functions would ignore or refuse is refused before it is sent."""
    profile_fields["settings"] |= change

    with pytest.raises(ProfileError, match=reason):
        to_profile(profile_fields, tmp_path)


def test_profile_knows_every_setting_of_terminals() -> None:
    """What a function reads of terminals may stand in a profile, and nothing else."""
    fields = {f"terminal_{each.name}" for each in dataclasses.fields(TerminalSettings)}

    assert fields | {"ipt_python", "call_actor"} == SETTINGS.keys()


@pytest.mark.parametrize("tenant", ["http://127.0.0.1:8080", "http://localhost:1"])
def test_profile_plain_http_on_this_machine(
    profile_fields: dict[str, Any], tmp_path: Path, tenant: str
) -> None:
    """Without TLS only a tenant on this machine is spoken to."""
    assert to_profile(profile_fields | {"tenant": tenant}, tmp_path).tenant == tenant


@pytest.mark.parametrize("text", ["[", "- a"])
def test_read_profile_unreadable(tmp_path: Path, text: str) -> None:
    """A file that is no profile is refused by name."""
    path = tmp_path / "prod.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(ProfileError, match=r"prod\.yaml"):
        read_profile(path)


def test_read_profile_missing(tmp_path: Path) -> None:
    """A missing file is refused by name."""
    with pytest.raises(ProfileError, match=r"prod\.yaml can't be read"):
        read_profile(tmp_path / "prod.yaml")


@pytest.mark.parametrize(
    "images", ["", "ipt/", "registry.example.org:5000/ipt/", "localhost/ipt/", "ipt-"]
)
def test_profile_of_a_live_tenant(
    profile_fields: dict[str, Any], tmp_path: Path, images: str
) -> None:
    """A tenant differs from the local one by its profile alone."""
    (tmp_path / "ca.pem").write_text("", "utf-8")
    fields = {"images": images, "limits": True, "ca_bundle": "ca.pem", "answer_s": 5}

    profile = to_profile(profile_fields | fields, tmp_path)

    assert (profile.images, profile.limits) == (images, True)
    assert (profile.ca_bundle, profile.answer_s) == (tmp_path / "ca.pem", 5.0)
