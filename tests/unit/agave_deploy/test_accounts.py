"""The accounts of the local stack, with a fake of the tenant's command."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agave_deploy.errors import StackError
from agave_deploy.local_stack.accounts import (
    Accounts,
    Answer,
    agave_local_program,
    run_program,
)
from agave_deploy.profiles.vault import Vault


class FakeAgaveLocal:
    """Keeps accounts as `agave-local accounts` would.

    Attributes:
        passwords: by user name.
        roles: by user name.
        commands: what was typed.
        refuses: the verb that fails.
    """

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        self.commands: list[str] = []
        self.refuses = ""

    def __call__(self, command: Sequence[str], typed: str) -> Answer:
        """Do a command."""
        self.commands.append(" ".join(command))
        verb, arguments = command[2], list(command[3:])
        if verb == self.refuses:
            return Answer(2, "", "usage\nagave-local: the disk is full\n")
        if verb == "list":
            lines = [f"{name:<24} {role}\n" for name, role in self.roles.items()]
            return Answer(0, "".join(lines), "")
        assert "--password-stdin" in arguments
        self.passwords[arguments[0]] = typed
        if verb == "add":
            assert arguments[0] not in self.roles
            self.roles[arguments[0]] = arguments[arguments.index("--role") + 1]
        return Answer(0, "", "")


@pytest.fixture
def program() -> FakeAgaveLocal:
    """Return a tenant without accounts."""
    return FakeAgaveLocal()


@pytest.fixture
def accounts(tmp_path: Path, vault: Vault, program: FakeAgaveLocal) -> Accounts:
    """Return the accounts of that tenant."""
    return Accounts(tmp_path, vault, program)


def test_ensure_makes_accounts(accounts: Accounts, program: FakeAgaveLocal) -> None:
    """A new tenant gets the service account and the three demo accounts."""
    assert accounts.ensure() == ["ada", "grace", "admin"]
    assert program.roles == {
        "ipt": "service",
        "ada": "user",
        "grace": "user",
        "admin": "admin",
    }


def test_ensure_keeps_passwords_off_command_lines(
    accounts: Accounts, program: FakeAgaveLocal
) -> None:
    """No password stands on a command line, where others could read it."""
    accounts.ensure()

    typed = "\n".join(program.commands)
    assert [word for word in program.passwords.values() if word in typed] == []


def test_ensure_twice(accounts: Accounts, program: FakeAgaveLocal) -> None:
    """The second time nothing is made, and no password changes."""
    accounts.ensure()
    before = dict(program.passwords)

    assert accounts.ensure() == ["ipt", "ada", "grace", "admin"]
    assert program.passwords == before


def test_unseen_passwords_survive_a_failure(
    accounts: Accounts, program: FakeAgaveLocal
) -> None:
    """Passwords wait until they were printed, and are then forgotten."""
    accounts.ensure()

    fresh = accounts.take_unseen()
    assert fresh == {
        name: program.passwords[name] for name in ("ada", "grace", "admin")
    }
    assert accounts.take_unseen() == {}


def test_ensure_lost_service_password(
    accounts: Accounts, program: FakeAgaveLocal, vault: Vault
) -> None:
    """A service account whose password was lost gets another one."""
    accounts.ensure()
    vault.forget("service-account")

    accounts.ensure()

    assert vault.read("service-account") == program.passwords["ipt"]


def test_reset(accounts: Accounts, program: FakeAgaveLocal, vault: Vault) -> None:
    """A reset gives the people new passwords; the service account keeps its own."""
    accounts.ensure()
    accounts.take_unseen()
    before = dict(program.passwords)

    fresh = accounts.reset()

    assert list(fresh) == ["ada", "grace", "admin"]
    assert fresh.items() <= program.passwords.items()
    assert not set(fresh.values()) & set(before.values())
    assert vault.read("service-account") == before["ipt"]


def test_reset_before_first_start(accounts: Accounts, program: FakeAgaveLocal) -> None:
    """A reset of a tenant that never ran makes the accounts."""
    fresh = accounts.reset()

    assert fresh.items() <= program.passwords.items()


def test_refused(accounts: Accounts, program: FakeAgaveLocal) -> None:
    """A refusal is passed on with its last line."""
    program.refuses = "add"

    with pytest.raises(StackError, match="the disk is full"):
        accounts.ensure()


def test_run_program() -> None:
    """A real program gets what is typed and tells how it ended."""
    answer = run_program(["sh", "-c", "cat; echo bad >&2; exit 3"], "typed")

    assert (answer.code, answer.out, answer.err) == (3, "typed", "bad\n")
    assert Path(agave_local_program()).name == "agave-local"
