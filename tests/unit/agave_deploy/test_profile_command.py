"""The command `profile`: looking at a profile, and beginning one."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from agave_deploy.errors import DeployError, ProfileError
from agave_deploy.profiles.profile import read_profile
from agave_deploy.profiles.profile_command import add_profile_command

ENVIRONMENT = {
    "AGAVE_BASE_URL": "https://api.example.org",
    "IPT_INSTANCE": "prod",
    "ADMIN_USERS": "grace",
    "CALL_ACTOR": "False",
    "AGAVE_CLIENT_KEY": "key-1",
    "AGAVE_CLIENT_SECRET": "s3cret",
    "AGAVE_SERVICE_TOKEN": "t0ken",
}
Run = Callable[..., tuple[int, str]]


@pytest.fixture(name="run")
def _run() -> Run:
    def run(environment: Mapping[str, str], *words: object) -> tuple[int, str]:
        """Type a command; return its exit code and what it said."""
        parser, lines = argparse.ArgumentParser(), list[str]()
        add_profile_command(parser, lines.append, environment)
        options = parser.parse_args([str(word) for word in words])
        return int(options.run(options)), "\n".join(lines)

    return run


def write(run: Run, file: Path, environment: Mapping[str, str] = ENVIRONMENT) -> str:
    """Begin a profile; return what was said."""
    code, said = run(
        environment, "write", file, "--home-root", "/srv/homes", "--member", "ada"
    )
    assert code == 0
    return said


def test_write(run: Run, tmp_path: Path) -> None:
    """The environment becomes a profile, and a folder of secrets that nobody reads."""
    file = tmp_path / "prod.yaml"

    said = write(run, file)

    profile = read_profile(file)
    assert (profile.tenant, profile.instance) == ("https://api.example.org", "prod")
    assert (profile.admins, profile.members) == (("grace",), ("ada", "grace"))
    assert profile.settings["call_actor"] is False
    assert profile.settings["terminal_home_root"] == "/srv/homes"
    kept = profile.secrets / "oauth-client"
    assert json.loads(kept.read_text("utf-8")) == {
        "key": "key-1",
        "secret": "s3cret",
        "callback": profile.callback_url,
    }
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "CALL_ACTOR became settings.call_actor" in said
    assert "the secret oauth-client was put into" in said
    assert "AGAVE_SERVICE_TOKEN is not looked at any more" in said
    assert "s3cret" not in said + file.read_text("utf-8")
    assert "t0ken" not in said


def test_write_nothing_over(run: Run, tmp_path: Path) -> None:
    """Neither a profile nor a secret that is there already is lost."""
    file = tmp_path / "prod.yaml"
    write(run, file)

    with pytest.raises(ProfileError, match="is there already; nothing was written"):
        write(run, file)
    with pytest.raises(DeployError, match="has a oauth-client already"):
        write(run, tmp_path / "other.yaml")
    assert not (tmp_path / "other.yaml").exists()


def test_write_needs_a_tenant(run: Run, tmp_path: Path) -> None:
    """Without an address there is no profile."""
    with pytest.raises(ProfileError, match="Set AGAVE_BASE_URL"):
        run({}, "write", tmp_path / "x.yaml", "--home-root", "/srv/homes")


def test_check(run: Run, tmp_path: Path) -> None:
    """A profile that is whole passes; what the environment says besides is told."""
    file = tmp_path / "prod.yaml"
    write(run, file)
    service = tmp_path / "secrets/service-account"
    service.touch(mode=0o600)

    code, said = run(
        {"IPT_INSTANCE": "dev", "ACTOR_ID": "abc", "execution_ssh_key": "k3y"},
        *("check", file),
    )

    assert code == 0
    assert said.splitlines() == [
        "ok       instance prod on https://api.example.org",
        (
            "note     IPT_INSTANCE is 'dev', but the profile says instance: 'prod', "
            "which counts"
        ),
        (
            "note     execution_ssh_key: only `profile write` reads secrets from "
            "there; put it into the folder of secrets, as ssh-key"
        ),
        (
            "note     ACTOR_ID is not looked at any more; instead: the alias "
            "<instance>-terminal, which `apply` makes; nobody copies ids"
        ),
    ]


def test_check_secrets(run: Run, tmp_path: Path) -> None:
    """Secrets that a person has to bring are named where they are missing or open."""
    file = tmp_path / "prod.yaml"
    write(run, file)
    fields = yaml.safe_load(file.read_text("utf-8"))
    host = {"name": "n", "engine": "ssh://u@h", "host_key": "ssh-ed25519 AAAA"}
    fields["settings"]["terminal_hosts"] = [host]
    file.write_text(yaml.safe_dump(fields), "utf-8")
    (tmp_path / "secrets/ssh-key").touch(mode=0o644)
    (tmp_path / "secrets").chmod(0o755)

    code, said = run({}, "check", file)

    assert code == 1
    assert "missing  secret service-account: the password of ipt" in said
    assert "missing  secret ssh-key is open to others: chmod 600" in said
    assert "missing  the folder of secrets is open to others: chmod 700" in said


def test_check_service_password_in_the_environment(run: Run, tmp_path: Path) -> None:
    """The environment may give the secrets that `apply` reads from there."""
    file = tmp_path / "prod.yaml"
    write(run, file)

    code, said = run({"IPT_SECRET_SERVICE_ACCOUNT": "s3cret"}, "check", file)

    assert (code, "s3cret" in said) == (0, False)


def test_check_wrong_profile(run: Run, tmp_path: Path) -> None:
    """A wrong profile is refused, also one with a key twice."""
    file = tmp_path / "x.yaml"
    file.write_text("instance: a\ninstance: b\n", "utf-8")

    with pytest.raises(ProfileError, match="the field instance stands there twice"):
        run({}, "check", file)
