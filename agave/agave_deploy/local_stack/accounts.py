"""The accounts of the local stack: a user, a second user, an administrator.

Passwords are made here, handed over through standard input, printed once, and kept
by the tenant as hashes only.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agave_deploy.errors import StackError
from agave_deploy.profiles.vault import Vault, make_password
from agave_deploy.upkeep.deployment import SERVICE

__all__ = [
    "DEMO",
    "SERVICE_ACCOUNT",
    "Accounts",
    "Answer",
    "agave_local_program",
    "run_program",
]

SERVICE_ACCOUNT = "ipt"
DEMO: Mapping[str, str] = {"ada": "user", "grace": "user", "admin": "admin"}
_UNSEEN = "unseen-passwords"  # made, but not printed yet


@dataclass(frozen=True)
class Answer:
    """What a program said, and how it ended."""

    code: int
    out: str
    err: str


Run = Callable[[Sequence[str], str], Answer]


def agave_local_program() -> str:
    """Return where the tenant's command is: beside this Python."""
    return str(Path(sys.executable).with_name("agave-local"))


def run_program(command: Sequence[str], typed: str) -> Answer:
    """Run a command to its end with something on its standard input."""
    done = subprocess.run(
        list(command), input=typed, capture_output=True, text=True, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)


class Accounts:
    """Makes and resets the accounts of one data folder.

    Args:
        data: of the tenant.
        vault: keeps the service account's password.
        run: runs `agave-local`.
    """

    def __init__(self, data: Path, vault: Vault, run: Run = run_program) -> None:
        self._data = data
        self._vault = vault
        self._run = run

    def names(self) -> list[str]:
        """Return the names of all accounts of the tenant."""
        lines = self._ask("list").splitlines()
        return [line.split()[0] for line in lines if line.strip()]

    def ensure(self) -> list[str]:
        """Make the accounts that are missing; return the names of all.

        Their passwords wait in the vault until `take_unseen`, so that a start which
        fails half-way does not lose them.
        """
        names = self.names()
        if SERVICE_ACCOUNT not in names or not self._vault.read(SERVICE):
            verb = "set-password" if SERVICE_ACCOUNT in names else "add"
            password = make_password()
            role = ["--role", "service"] if verb == "add" else []
            self._ask(verb, SERVICE_ACCOUNT, *role, password=password)
            self._vault.write(SERVICE, password)
        for name, role_name in DEMO.items():
            if name not in names:
                password = make_password()
                self._note({name: password})
                self._ask("add", name, "--role", role_name, password=password)
        return [*names, *(name for name in DEMO if name not in names)]

    def reset(self) -> dict[str, str]:
        """Give the demo accounts new passwords; return these."""
        self._vault.forget(_UNSEEN)
        self.ensure()
        fresh = self.take_unseen()
        for name in DEMO:
            if name not in fresh:
                fresh[name] = make_password()
                self._ask("set-password", name, password=fresh[name])
        return {name: fresh[name] for name in DEMO}

    def unseen(self) -> dict[str, str]:
        """Return the passwords that nobody has seen yet."""
        return {
            name: str(password)
            for name, password in self._vault.read_object(_UNSEEN).items()
        }

    def take_unseen(self) -> dict[str, str]:
        """Return the passwords that nobody has seen yet, and forget them."""
        passwords = self.unseen()
        self._vault.forget(_UNSEEN)
        return passwords

    def _note(self, passwords: Mapping[str, str]) -> None:
        self._vault.write_object(_UNSEEN, {**self.unseen(), **passwords})

    def _ask(self, verb: str, *arguments: str, password: str | None = None) -> str:
        command = [agave_local_program(), "accounts", verb, *arguments]
        if password is not None:
            command.append("--password-stdin")
        answer = self._run([*command, "--data", str(self._data)], password or "")
        if answer.code:
            said = answer.err.strip().splitlines() or ["no reason given"]
            raise StackError(f"The tenant's accounts can't be changed: {said[-1]}")
        return answer.out
