"""Plans as pure functions of what shall be and what is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_deploy.bundle.models import Manifest
from agave_deploy.planning.changes import changed_fields
from agave_deploy.planning.plan import Plan, make_plan
from agave_deploy.planning.steps import MakeNonce
from agave_deploy.planning.wanted import make_wanted
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.documents import add_systems
from agave_deploy.systems.reading import to_system
from agave_deploy.tenant.state import State

APPS = ("build", "run", "build-run", "compare")
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
DOCUMENTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


def test_plan_empty_tenant(manifest: Manifest, profile: Profile, vault: Vault) -> None:
    """On an empty tenant everything is made, what others need first."""
    wanted = make_wanted(manifest, profile, vault, {})

    lines = str(make_plan(wanted, State(), {})).splitlines()

    assert [line.strip() for line in lines] == [
        "+ system ipt.storage",
        "~ system ipt.storage: public",
        "+ actor ipt-prod-auth-callback",
        "+ alias prod-auth-callback",
        "+ actor ipt-prod-job-submit",
        "+ alias prod-job-submit",
        "+ permission EXECUTE on prod-job-submit for ada",
        "+ permission EXECUTE on prod-job-submit for grace",
        "+ note in ipt-prod-releases for auth-callback, job-submit",
        "+ secret config prod-session-key for prod-auth-callback",
        "+ config prod-settings for prod-auth-callback, prod-job-submit",
        "+ nonce for prod-auth-callback",
        "+ site ipt.site:site: 5 files new or changed",
    ]


def test_plan_system(
    manifest: Manifest, profile: Profile, vault: Vault, near: dict[str, Any]
) -> None:
    """One more file means two systems, four apps and the rights on them."""
    entry = to_system(near, "near.yaml", {})
    wanted = make_wanted(add_systems(manifest, [entry]), profile, vault, {})

    steps = make_plan(wanted, State(), {}).steps

    lines = [str(step) for step in steps if "near" in str(step)]
    scripts = [str(step) for step in steps if "ipt.apps" in str(step)]
    apps = [f"ipt-{kind}-near-0.2.0" for kind in APPS]
    assert lines == [
        "+ system ipt.build.near",
        "+ role USER on ipt.build.near for ada",
        "+ role USER on ipt.build.near for grace",
        "+ system ipt.run.near",
        "+ role USER on ipt.run.near for ada",
        "+ role USER on ipt.run.near for grace",
        *(
            line
            for app in apps
            for line in (
                f"+ app {app}",
                f"+ permission EXECUTE on app {app} for ada",
                f"+ permission EXECUTE on app {app} for grace",
            )
        ),
    ]
    assert scripts == [
        f"+ files ipt.apps:apps/ipt-{kind}: 3 to write, 0 to delete" for kind in APPS
    ]


def test_plan_hides_values(manifest: Manifest, profile: Profile, vault: Vault) -> None:
    """No value of a config shows in a plan or in a representation of one."""
    wanted = make_wanted(manifest, profile, vault, {})
    plan = make_plan(wanted, State(), {})

    said = f"{plan} {plan!r} {wanted!r}"

    assert vault.session_key() not in said


@pytest.mark.parametrize(
    ("change", "ending"),
    [
        ({"terminal_host": "docker", "older": 1}, ": older, terminal_host"),
        (None, "prod-job-submit"),
    ],
)
def test_plan_names_settings(
    manifest: Manifest,
    profile: Profile,
    vault: Vault,
    change: dict[str, Any] | None,
    ending: str,
) -> None:
    """A config that is set anew says which settings are others, where it can tell."""
    wanted = make_wanted(manifest, profile, vault, {})
    (config,) = (each for each in wanted.configs if not each.secret)
    value = "[]" if change is None else json.dumps(json.loads(config.value) | change)
    found = {"value": value, "actors": ", ".join(config.actors)}

    lines = str(make_plan(wanted, State(configs={config.name: found}), {})).splitlines()

    (line,) = (line for line in lines if "~ config prod-settings for " in line)
    assert line.endswith(ending)


@pytest.mark.parametrize(("count", "words"), [(1, "1 step"), (2, "2 steps")])
def test_size_of_a_plan(count: int, words: str) -> None:
    """One step is no steps."""
    assert Plan((MakeNonce("x"),) * count).size == words


def test_plan_nothing() -> None:
    """A plan without steps says so."""
    assert str(Plan(())) == "nothing to do"


@pytest.mark.parametrize(
    ("wanted", "found", "changed"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, ()),
        ({"a": 1}, {}, ("a",)),
        ({"a": ""}, {}, ()),
        ({"a": []}, {"a": None}, ()),
        ({"a": False}, {}, ()),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, ()),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ("a",)),
        ({"a": {"auth": {"type": "LOCAL"}}}, {"a": {}}, ()),
        ({"a": [1, 2]}, {"a": [2, 1]}, ("a",)),
        ({"a": [1]}, {"a": [1, 2]}, ("a",)),
        ({"a": [1]}, {"a": "1"}, ("a",)),
        (
            {"a": [{"name": "x", "v": 1}, {"name": "y"}]},
            {"a": [{"name": "y", "w": 3}, {"name": "x", "v": 1}]},
            (),
        ),
        ({"a": [{"id": "x", "v": 1}]}, {"a": [{"id": "x", "v": 2}]}, ("a",)),
    ],
)
def test_changed_fields(
    wanted: dict[str, Any], found: dict[str, Any], changed: tuple[str, ...]
) -> None:
    """What a tenant adds, leaves out or hides is no difference; the rest is."""
    assert changed_fields(wanted, found) == changed


@given(DOCUMENTS)
def test_changed_fields_of_itself(document: dict[str, Any]) -> None:
    """A record never differs from itself."""
    assert changed_fields(document, document) == ()


@given(DOCUMENTS, DOCUMENTS)
def test_changed_fields_with_additions(
    document: dict[str, Any], additions: dict[str, Any]
) -> None:
    """Whatever a tenant adds, a record stays as it was wanted."""
    assert changed_fields(document, additions | document) == ()
