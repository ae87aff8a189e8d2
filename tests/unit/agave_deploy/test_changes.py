"""What differs, field by field, and how that is said."""

import json
from dataclasses import replace
from typing import Any

import pytest

from agave_deploy.bundle.models import Limits, Manifest
from agave_deploy.planning.changes import Change, find_changes, find_keys, in_short
from agave_deploy.planning.plan import make_plan
from agave_deploy.planning.site_versions import SiteRecord
from agave_deploy.planning.wanted import make_wanted
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.tenant.state import State
from agave_deploy.upkeep.releases import Release, Releases


def test_changes_of_a_document() -> None:
    """A field that lies deeper is named with all that it lies in."""
    wanted = {"a": 1, "login": {"host": "x", "auth": {"privateKey": "SECRET"}}}
    found = {"a": 1, "login": {"host": "y", "port": 22}}

    changes = find_changes(wanted, found)

    assert [str(each) for each in changes] == ["login.host: y → x"]
    assert changes[0].top == "login"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ("", "nothing"),
        ("a\nb", "a b"),
        (False, "false"),
        ({"a": [1, "ü"]}, '{"a": [1, "ü"]}'),
        ({"login": {"auth": {"privateKey": "SECRET"}}}, '{"login": {"auth": "(not '),
        ([{"auth": "SECRET"}], '[{"auth": "(not shown)"}]'),
        ("x" * 100, "x" * 63 + "…"),
    ],
)
def test_in_short(value: Any, text: str) -> None:
    """A value fits a line, and no credential is in it."""
    shown = in_short(value)

    assert shown.startswith(text)
    assert "SECRET" not in shown
    assert len(shown) <= 64


def test_changes_of_settings() -> None:
    """Of settings those that go are told, too."""
    assert find_keys({"a": 1, "b": 2}, {"b": 2, "c": 3}) == (
        Change("a", "nothing", "1"),
        Change("c", "3", "nothing"),
    )


@pytest.mark.parametrize("limited", [False, True])
def test_diff_of_a_plan(
    manifest: Manifest, profile: Profile, vault: Vault, *, limited: bool
) -> None:
    """A plan shows old and new values: images, limits, settings, files; no secret."""
    submit = replace(manifest.functions[1], limits=Limits(2, "64m", 500))
    changed = replace(manifest, functions=(manifest.functions[0], submit))
    there = replace(profile, limits=limited)
    wanted = make_wanted(
        changed,
        there,
        vault,
        {"prod-auth-callback": "N"},
        images={"job-submit": "ipt/job-submit:2"},
    )
    settings = next(each for each in wanted.configs if not each.secret)
    old = json.loads(settings.value) | {"terminal_host": "docker"}
    actors = {
        name: {**wanted.actor(function), "image": f"ipt/{function.name}"}
        for name, function in zip("ab", changed.functions, strict=True)
    }
    for field in ("maxWorkers", "memLimit", "maxCpus"):
        actors["b"].pop(field, None)
    state = State(
        actors=actors,
        aliases={"prod-auth-callback": "a", "prod-job-submit": "b"},
        configs={
            "prod-settings": {
                "value": json.dumps(old),
                "actors": ",".join(settings.actors),
            }
        },
        site=SiteRecord(("a" * 12,), ("index.html",), complete=True),
        site_digests={"gone.js": "x"},
        releases=Releases({"auth-callback": (Release("ipt/auth-callback"),)}),
    )

    lines = make_plan(wanted, state, {}).to_diff().splitlines()

    assert "      image: ipt/job-submit → ipt/job-submit:2" in lines
    assert ("      maxWorkers: nothing → 2" in lines) == limited
    assert ("      maxCpus: nothing → 500000000" in lines) == limited
    assert "      terminal_host: docker → auto" in lines
    assert "      gone.js: gone" in lines
    assert f"      version: {'a' * 12} → " in "\n".join(lines)
    assert "  + note in ipt-prod-releases for job-submit" in lines
    assert vault.session_key() not in "\n".join(lines)
