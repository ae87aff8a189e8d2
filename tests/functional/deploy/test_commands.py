"""The commands, as an operator types them: what they say, and how they end."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agave_deploy.cli import main
from agave_deploy.errors import DeployError
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import SERVICE
from agave_local.services.actors.runner.images import Program
from agave_local.testing import PASSWORD, LocalAgave, served_agave


@pytest.fixture
def agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant behind HTTP that can run two functions."""
    program = Program(command=("/bin/true",))
    images = dict.fromkeys(("ipt/auth-callback", "ipt/jobs"), program)
    with served_agave(tmp_path / "data", images=images) as agave:
        for name in ("ipt", "ada"):
            agave.add_user(name)
        yield agave


class Operator:
    """Somebody who types commands and reads what they say."""

    def __init__(
        self, checkout: Path, profile: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._checkout = checkout
        self._capsys = capsys
        self.profile = profile

    def type(self, *words: str) -> tuple[int, str]:
        """Type a command; return its exit code, and what was said."""
        code = main(
            [
                *("--root", str(self._checkout), *words),
                *("--profile", str(self.profile)),
            ]
        )
        said = self._capsys.readouterr()
        return code, said.out + said.err


@pytest.fixture(name="operator")
def _operator(
    agave: LocalAgave,
    checkout: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    fields = {
        "tenant": agave.base_url,
        "members": ["ada"],
        "settings": {
            "terminal_home_root": "/homes",
            "terminal_dir": "/run",
            "ipt_python": "/usr/bin/python3",
        },
    }
    profile = tmp_path / "profile.yaml"
    profile.write_text(yaml.safe_dump(fields), "utf-8")
    Vault(tmp_path / "secrets").write(SERVICE, PASSWORD)
    return Operator(checkout, profile, capsys)


def test_from_plan_to_destroy(operator: Operator) -> None:
    """A tenant is planned, filled, looked at, changed and emptied again."""
    assert operator.type("status")[0] == 1
    code, plan = operator.type("plan")
    assert (code, "+ actor ipt-dev-jobs\n      image: ipt/jobs" in plan) == (0, True)
    code, applied = operator.type("apply")
    assert (code, "+ actor ipt-dev-jobs" in applied) == (0, True)
    assert operator.type("plan") == (0, "nothing to do\n")
    assert operator.type("apply") == (0, "nothing to do\n")
    code, said = operator.type("redeploy", "jobs")
    assert (code, said.splitlines()[-1]) == (0, "ready: jobs, revision 2")
    code, said = operator.type("rollback", "jobs")
    assert (code, "Check out what it was made of before" in said) == (1, True)
    code, said = operator.type("rotate-secret", "session-key")
    assert (code, "Sessions of before go on" in said) == (0, True)
    code, said = operator.type("rotate-secret", "session-key", "--drop-old")
    assert (code, "Everybody has to sign in again" in said) == (0, True)
    code, said = operator.type("destroy", "--yes")
    assert (code, "- OAuth client ipt-dev" in said) == (0, True)
    assert operator.type("plan")[1] == plan


def test_status_for_a_program(operator: Operator) -> None:
    """A program reads the status as JSON, and whether all is well from the code."""
    operator.type("apply")
    operator.type("redeploy", "jobs")
    operator.type("redeploy", "auth_callback")

    code, text = operator.type("status", "--json")

    status: dict[str, Any] = json.loads(text)
    assert (code, status["well"], status["to_do"]) == (0, True, [])
    assert [each["status"] for each in status["functions"]] == ["READY", "READY"]
    assert operator.type("status")[1].endswith("nothing to do\n")


@pytest.mark.parametrize("typed", ["", "prod\n"])
def test_destroy_is_asked_for(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """Who does not type the instance's name removes nothing."""
    operator.type("apply")
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    code, said = operator.type("destroy")

    assert (code, "Nothing was removed." in said) == (1, True)
    assert operator.type("plan")[1] == "nothing to do\n"


def test_secret_from_the_standard_input(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret may be piped in; it is not said again."""
    operator.type("apply")
    monkeypatch.setattr("sys.stdin", io.StringIO("no key at all\n"))

    code, said = operator.type("rotate-secret", "session-key", "--stdin")

    assert (code, "no key at all" in said) == (1, False)
    assert "The secret session-key is no Fernet key." in said


def test_service_account_of_the_environment(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password may come from the environment, and must come from somewhere."""
    (operator.profile.parent / "secrets" / SERVICE).unlink()
    code, said = operator.type("plan")
    assert (code, "IPT_SECRET_SERVICE_ACCOUNT" in said) == (1, True)
    monkeypatch.setenv("IPT_SECRET_SERVICE_ACCOUNT", PASSWORD)

    assert operator.type("apply")[0] == 0


def test_without_a_stack(
    tmp_path: Path, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is neither a profile nor a local stack it is said what to do."""
    code = main(["--root", str(checkout), "plan", "--data", str(tmp_path / "none")])

    assert code == 1
    assert "There is no local stack in" in capsys.readouterr().err
    assert issubclass(DeployError, Exception)


def test_images_by_the_profile(
    operator: Operator, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a prefix in the profile, the images are named by the checkout's content."""
    for name in ("functions", "shared", "requirements.lock"):
        (checkout / name).symlink_to(Path(__file__).parents[3] / name)
    fields = yaml.safe_load(operator.profile.read_text("utf-8"))
    operator.profile.write_text(yaml.safe_dump({**fields, "images": "r/ipt/"}), "utf-8")
    del capsys

    code, plan = operator.type("plan")

    assert code == 0, plan
    assert "      image: r/ipt/jobs:" in plan
