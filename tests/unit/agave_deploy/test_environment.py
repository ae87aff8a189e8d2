"""The environment variables of the first site: what each becomes."""

import json
import re
from pathlib import Path

import pytest

from agave_deploy.errors import ProfileError
from agave_deploy.profiles.environment import (
    VARIABLES,
    read_environment,
    to_flat,
    to_nested,
)
from agave_deploy.systems.reading import read_system

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/live-tenant.md").read_text("utf-8")
REGISTRY = ROOT / "agave/systems/registry"


def test_read_environment() -> None:
    """Values of a profile are read, each in its own form, and empty ones left out."""
    found = read_environment(
        {
            "IPT_INSTANCE": "prod",
            "AGAVE_BASE_URL": "https://api.example.org/",
            "AGAVE_SERVICE_ACCOUNT": "apitest",
            "AGAVE_STORAGE_SYSTEM_ID": " ",
            "ADMIN_USERS": "grace, ada  ada,",
            "CALL_ACTOR": "False",
            "HOME": "/root",
        }
    )

    assert to_nested(found.fields) == {
        "instance": "prod",
        "tenant": "https://api.example.org",
        "service_account": "apitest",
        "admins": ["grace", "ada"],
        "settings": {"call_actor": False},
    }
    assert found.sources["settings.call_actor"] == "CALL_ACTOR"
    assert (found.secrets, found.warnings) == ({}, ())


def test_read_environment_of_nobody() -> None:
    """An environment without any of them says nothing."""
    found = read_environment({"PATH": "/bin"})

    assert (found.fields, found.secrets, found.warnings) == ({}, {}, ())


def test_secrets_by_name_only() -> None:
    """Secrets are found by name, and nothing that is printed shows one."""
    found = read_environment(
        {
            "AGAVE_CLIENT_KEY": "key-1",
            "AGAVE_CLIENT_SECRET": "s3cret",
            "execution_ssh_key": "-----BEGIN s3cret",
            "AGAVE_SERVICE_TOKEN": "s3cret",
            "TAS_CLIENT_SECRET": "s3cret",
        }
    )

    assert json.loads(found.secrets["oauth-client"]) == {
        "key": "key-1",
        "secret": "s3cret",
    }
    assert found.secrets["ssh-key"] == "-----BEGIN s3cret\n"
    assert "s3cret" not in repr(found) + str(found.warnings)
    assert len(found.warnings) == 2


@pytest.mark.parametrize("value", ["True", "true", "1", "yes"])
def test_call_actor_true(value: str) -> None:
    """The switch takes Python's words and those of shells."""
    assert read_environment({"CALL_ACTOR": value}).fields == {
        "settings.call_actor": True
    }


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (
            {"IPT_INSTANCE": "dev", "ipt_instance": "prod"},
            "IPT_INSTANCE and ipt_instance say different things of instance",
        ),
        ({"AGAVE_CLIENT_KEY": "k"}, "AGAVE_CLIENT_KEY and AGAVE_CLIENT_SECRET belong"),
        ({"AGAVE_CLIENT_SECRET": "k"}, "one is missing"),
        ({"CALL_ACTOR": "maybe"}, "CALL_ACTOR must be True or False"),
        ({"ADMIN_USERS": "['ada']"}, "ADMIN_USERS must be user names with commas"),
    ],
)
def test_read_environment_refused(environment: dict[str, str], reason: str) -> None:
    """What is ambiguous or malformed is refused by name."""
    with pytest.raises(ProfileError, match=reason):
        read_environment(environment)


def test_same_thing_twice_is_fine() -> None:
    """Two variables that agree are one."""
    found = read_environment({"IPT_INSTANCE": "dev", "ipt_instance": "dev"})

    assert found.fields == {"instance": "dev"}
    assert found.sources == {"instance": "IPT_INSTANCE"}


def test_every_replaced_variable_is_warned_of() -> None:
    """Whoever sets one that is not looked at is told what to use instead."""
    replaced = [each for each in VARIABLES.values() if each.use == "replaced"]

    warnings = read_environment({each.name: "x" for each in replaced}).warnings

    for each, warning in zip(replaced, warnings, strict=True):
        assert warning.startswith(f"{each.name} is not looked at any more; instead: ")
        assert each.instead in warning


def test_profile_wins() -> None:
    """Where profile and environment differ the profile counts, and that is said."""
    found = read_environment(
        {"IPT_INSTANCE": "prod", "CALL_ACTOR": "0", "ADMIN_USERS": "ada"}
    )
    profile = {"instance": "dev", "admins": ["ada"], "settings": {"call_actor": True}}

    assert found.over(profile) == (
        "IPT_INSTANCE is 'prod', but the profile says instance: 'dev', which counts",
        (
            "CALL_ACTOR is False, but the profile says settings.call_actor: True, "
            "which counts"
        ),
    )
    assert found.over({"settings": "x"}) == ()


def test_nested_and_flat() -> None:
    """Fields have one form for variables, and one for a profile."""
    flat = {"a": 1, "settings.b": 2, "settings.c": 3}

    assert to_nested(flat) == {"a": 1, "settings": {"b": 2, "c": 3}}
    assert flat.items() <= to_flat(to_nested(flat)).items()


@pytest.mark.parametrize(
    "variable", [each for each in VARIABLES.values() if each.use == "systems"]
)
def test_apps_by_the_environment(variable: object) -> None:
    """The systems' files heed the variables that name other apps."""
    name = str(getattr(variable, "name", ""))
    system, kind = name.lower().split("_")[:2]

    entry = read_system(REGISTRY / f"{system}.yaml", {name: "mine-2.0"})

    assert getattr(entry.apps, kind) == "mine-2.0"


def test_page_has_every_variable() -> None:
    """The page's table has each variable with what it becomes, and no other."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \|$", PAGE, re.MULTILINE)

    words = {"profile": "honoured", "secret": "honoured", "systems": "honoured"}
    assert [(name, verdict) for name, verdict, _ in rows] == [
        (each.name, words.get(each.use, "replaced")) for each in VARIABLES.values()
    ]
    for name, _, text in rows:
        assert f"`{VARIABLES[name].target}`" in text or not VARIABLES[name].target
