"""Deploying this checkout's registrations to a tenant, through its public API."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import TenantRefused, TenantUnreachable
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import LocalAgave

Deploy = Callable[..., Deployment]
Counting = Callable[..., Any]
APPS = ("build", "run", "build-run", "compare")
SITE = "/files/v2/download/ipt/system/ipt.site/site"


def ignore(_line: str) -> None:
    """Take a step's line and do nothing with it."""


def newest(agave: LocalAgave, name: str) -> str:
    """Return the address of a file in the newest version of the site."""
    versions = agave.anonymous().get(f"{SITE}/versions.json").json()["versions"]
    return f"{SITE}/{versions[0]}/{name}"


def test_apply_registers_everything(agave: LocalAgave, deploy: Deploy) -> None:
    """After the first apply a member finds systems, apps, functions and the site."""
    deploy().apply(ignore)

    ada = agave.client("ada")
    systems = {each["id"] for each in ada.get("/systems/v2").json()["result"]}
    apps = {each["id"] for each in ada.get("/apps/v2").json()["result"]}
    actors = {each["name"] for each in ada.get("/actors/v2").json()["result"]}
    assert systems == {"ipt.build.local", "ipt.run.local", "ipt.site", "ipt.storage"}
    assert apps == {f"ipt-{kind}-local-0.2.0" for kind in APPS}
    assert actors == {
        "ipt-dev-terminal",
        "ipt-dev-webterm",
        "ipt-dev-job-submit",
        "ipt-dev-jobs",
        "ipt-dev-files",
        "ipt-dev-parallelize",
    }
    assert agave.anonymous().get(f"{SITE}/index.html").ok


def test_apply_twice(deploy: Deploy, counting: Counting) -> None:
    """A second apply finds nothing to do, and only reads."""
    deploy().apply(ignore)
    session = counting()

    done = deploy(session).apply(ignore)

    assert str(done) == "nothing to do"
    assert session.changes == []
    assert len(session.calls) < 50


def test_plan_changes_nothing(
    agave: LocalAgave, deploy: Deploy, counting: Counting
) -> None:
    """A plan for a new tenant lists everything, and leaves the tenant new."""
    session = counting()

    plan = str(deploy(session).plan())

    assert "+ system ipt.storage" in plan
    assert "+ app ipt-run-local-0.2.0" in plan
    assert "+ actor ipt-dev-terminal" in plan
    assert "+ site ipt.site:site: 5 files new or changed" in plan
    assert session.changes == []
    assert agave.client("ipt").get("/systems/v2").json()["result"] == []


def test_plan_after_apply(deploy: Deploy) -> None:
    """A plan for an up-to-date tenant says so."""
    deploy().apply(ignore)

    assert str(deploy().plan()) == "nothing to do"


@pytest.mark.parametrize("cut", range(0, 60, 11))
def test_apply_cut_and_resumed(deploy: Deploy, cut: int, counting: Counting) -> None:
    """After a cut and one more apply there is nothing left to do, and nothing twice."""
    with pytest.raises(TenantUnreachable):
        deploy(counting(breaks_at=cut)).apply(ignore)

    deploy().apply(ignore)

    assert str(deploy().plan()) == "nothing to do"


def test_apply_adopts_actor_without_alias(agave: LocalAgave, deploy: Deploy) -> None:
    """An actor whose alias was lost is found by its name, not made twice."""
    deploy().apply(ignore)
    ipt = agave.client("ipt")
    assert ipt.delete("/actors/v2/aliases/dev-jobs").ok

    deploy().apply(ignore)

    names = [each["name"] for each in ipt.get("/actors/v2").json()["result"]]
    assert sorted(names) == sorted(set(names))
    assert str(deploy().plan()) == "nothing to do"


def test_apply_replaces_lost_actor(agave: LocalAgave, deploy: Deploy) -> None:
    """An actor that was deleted comes back, under the same alias."""
    deploy().apply(ignore)
    ipt = agave.client("ipt")
    assert ipt.delete("/actors/v2/dev-jobs").ok

    deploy().apply(ignore)

    found = ipt.get("/actors/v2/dev-jobs").json()["result"]
    assert found["name"] == "ipt-dev-jobs"
    assert str(deploy().plan()) == "nothing to do"


def test_apply_changed_function(deploy: Deploy, manifest: Manifest) -> None:
    """Only the function that changed is registered anew."""
    deploy().apply(ignore)
    first, *others = manifest.functions
    functions = (replace(first, description="Something else."), *others)
    changed = replace(manifest, functions=functions)
    lines: list[str] = []

    deploy(changed_manifest=changed).apply(lines.append)

    assert lines == [f"~ actor ipt-dev-{first.name}: description"]


def test_apply_new_member(agave: LocalAgave, deploy: Deploy, profile: Profile) -> None:
    """A new member gets the system, the apps and the functions, and nothing else."""
    deploy().apply(ignore)
    agave.add_user("alan")
    lines: list[str] = []
    members = replace(profile, members=("ada", "alan", "grace"))

    deploy(changed_profile=members).apply(lines.append)

    assert lines == [
        "+ role USER on ipt.build.local for alan",
        "+ role USER on ipt.run.local for alan",
        *(
            f"+ permission EXECUTE on app ipt-{kind}-local-0.2.0 for alan"
            for kind in APPS
        ),
        *(
            f"+ permission EXECUTE on dev-{name} for alan"
            for name in (
                *("terminal", "webterm", "job-submit", "jobs", "files"),
                "parallelize",
            )
        ),
    ]


def test_apply_changed_settings(
    agave: LocalAgave, deploy: Deploy, profile: Profile
) -> None:
    """A changed setting reaches the functions, and only the settings are written."""
    deploy().apply(ignore)
    lines: list[str] = []

    deploy(changed_profile=replace(profile, admins=("ada",))).apply(lines.append)

    config = agave.client("ipt").get("/actors/v2/configs/dev-settings").json()
    assert json.loads(config["result"]["value"])["admin_users"] == ["ada"]
    *rights, setting = lines
    assert rights == [
        f"+ permission EXECUTE on dev-{name} for ada" for name in ("culler", "admin")
    ]
    assert setting.startswith("~ config dev-settings for dev-auth-callback, ")


def test_apply_new_session_key(deploy: Deploy, vault: Vault) -> None:
    """A secret that was changed here is set again; the others are left alone."""
    deploy().apply(ignore)
    vault.forget("session-key")
    lines: list[str] = []

    deploy().apply(lines.append)

    assert lines == ["~ secret config dev-session-key for dev-auth-callback"]


def test_apply_ssh_key(deploy: Deploy, vault: Vault) -> None:
    """A key for execution hosts goes to the terminal function alone."""
    vault.write("ssh-key", "-----BEGIN KEY-----")
    lines: list[str] = []

    deploy().apply(lines.append)

    assert "+ secret config dev-ssh-key for dev-terminal" in lines


def test_apply_changed_system(agave: LocalAgave, deploy: Deploy) -> None:
    """A system that somebody changed on the tenant is set right."""
    deploy().apply(ignore)
    ipt = agave.client("ipt")
    path = "/systems/v2/ipt.run.local"
    found = ipt.get(path).json()["result"]
    assert ipt.post(path, json=found | {"description": "Other"}).ok
    lines: list[str] = []

    deploy().apply(lines.append)

    assert lines == ["~ system ipt.run.local: description"]


def test_apply_site_changes(agave: LocalAgave, deploy: Deploy, site: Path) -> None:
    """A plan tells how many files differ, and the newest version has them so."""
    deploy().apply(ignore)
    (site / "index.html").write_text("<!doctype html><title>New</title>", "utf-8")
    (site / "lib" / "new.js").write_text("export {};\n", "utf-8")
    (site / "lib" / "api.js").unlink()
    lines: list[str] = []

    deploy().apply(lines.append)

    anonymous = agave.anonymous()
    assert lines == ["~ site ipt.site:site: 2 files new or changed, 1 gone"]
    assert "New" in anonymous.get(f"{SITE}/index.html").text
    assert anonymous.get(newest(agave, "lib/new.js")).ok
    assert anonymous.get(newest(agave, "lib/api.js")).status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("lib/api.js", "text/javascript; charset=utf-8"),
        ("styles/global.css", "text/css; charset=utf-8"),
    ],
)
def test_site_media_types(
    agave: LocalAgave, deploy: Deploy, name: str, media_type: str
) -> None:
    """A browser without a token gets each file of the site with its type."""
    deploy().apply(ignore)

    pages = agave.anonymous().get(f"{SITE}/{name}")
    files = agave.anonymous().get(newest(agave, name))

    assert files.headers["Content-Type"] == media_type
    assert pages.ok == name.endswith(".html")


def test_site_config(agave: LocalAgave, deploy: Deploy) -> None:
    """The site's config names the functions, and a nonce that the tenant knows."""
    deploy().apply(ignore)

    text = agave.anonymous().get(newest(agave, "config.js")).text
    config = json.loads(text[text.index("{") : text.rindex("}") + 1])
    nonces = agave.client("ipt").get("/actors/v2/aliases/dev-auth-callback/nonces")
    assert config["functions"]["job_submit"] == "dev-job-submit"
    assert config["siteRoot"] == SITE
    assert [each["id"] for each in nonces.json()["result"]] == [config["authNonce"]]


def test_apply_lost_nonce(agave: LocalAgave, deploy: Deploy) -> None:
    """A nonce that the tenant no longer knows is made anew, and the site told."""
    deploy().apply(ignore)
    ipt = agave.client("ipt")
    path = "/actors/v2/aliases/dev-auth-callback/nonces"
    (nonce,) = ipt.get(path).json()["result"]
    assert ipt.delete(f"{path}/{nonce['id']}").ok
    lines: list[str] = []

    deploy().apply(lines.append)

    assert lines == [
        "+ nonce for dev-auth-callback",
        "~ site ipt.site:site: 1 file new or changed",
    ]


def test_apply_lost_client_secret(deploy: Deploy, vault: Vault) -> None:
    """A client whose secret was lost is made anew, since nobody can tell it."""
    deploy().apply(ignore)
    vault.forget("oauth-client")
    lines: list[str] = []

    deploy().apply(lines.append)

    assert lines == ["~ secret config dev-oauth-client for dev-auth-callback"]


def test_apply_lost_client(agave: LocalAgave, deploy: Deploy) -> None:
    """A client that the tenant no longer has is made anew."""
    deploy().apply(ignore)
    auth = ("ipt", "correct horse battery")
    assert agave.anonymous().delete("/clients/v2/ipt-dev", auth=auth).ok

    deploy().apply(ignore)

    assert str(deploy().plan()) == "nothing to do"


def test_plan_without_client(deploy: Deploy, vault: Vault) -> None:
    """Without a client there is no looking in, so the plan is for an empty tenant."""
    deploy().apply(ignore)
    vault.forget("oauth-client")

    assert "+ system ipt.storage" in str(deploy().plan())


def test_apply_wrong_password(agave: LocalAgave, deploy: Deploy) -> None:
    """A password that is no longer right is refused, and the client is kept."""
    deploy().apply(ignore)
    agave.tenant.profiles.set_password("ipt", "another password")

    with pytest.raises(TenantRefused):
        deploy().apply(ignore)


def test_apply_reads_no_secret_back(
    deploy: Deploy, vault: Vault, capfd: pytest.CaptureFixture[str]
) -> None:
    """No secret is printed, whatever the steps are."""
    lines: list[str] = []
    deploy().apply(lines.append)
    out, err = capfd.readouterr()
    said = "\n".join([*lines, str(deploy().plan()), out, err])

    secrets: list[Any] = [
        vault.session_key(),
        vault.ticket_key().splitlines()[1],
        *vault.read_object("oauth-client").values(),
    ]
    assert [each for each in secrets[:4] if each in said] == []
