"""`up`, `down` and `accounts`: what a person does with the local stack."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agave_deploy.errors import StackError
from agave_deploy.images.engine import check_image
from agave_deploy.images.terminal_image import TERMINAL_TAG
from agave_deploy.local_stack.accounts import DEMO, SERVICE_ACCOUNT, Accounts
from agave_deploy.local_stack.follow import LogFollower
from agave_deploy.local_stack.local_functions import FunctionChoice
from agave_deploy.local_stack.local_profile import (
    TerminalChoice,
    choose_jobs,
    make_local_profile,
    read_own_settings,
    save_profile,
    write_command,
)
from agave_deploy.local_stack.stack import Running, Stack
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.local import prepare_systems
from agave_deploy.upkeep.deployment import Deployment

__all__ = ["USUAL_PORT", "LocalStack"]

Say = Callable[[str], None]
USUAL_PORT = 8080
_FEW_STEPS = 5
_WATCH_S = 0.3
_AS_ROOT = (
    "This runs as root: the limit on processes does not bind root, and what terminals\n"
    "and jobs run is root's, with the kernel as the only wall.  Better start it as an\n"
    "ordinary account."
)
_RECORDS = "tenant.sqlite"  # of the tenant, made with its first account


class LocalStack:
    """Everything of one data folder on this machine.

    Args:
        root: of the checkout.
        data: of the tenant.
        say: takes one line for the person.
        stack: runs the tenant.
        is_root: tells whether all that is started is root's.
    """

    def __init__(
        self,
        root: Path,
        data: Path,
        say: Say,
        stack: Stack | None = None,
        is_root: Callable[[], bool] = lambda: os.geteuid() == 0,
    ) -> None:
        self._root = root
        self._data = data
        self._say = say
        self._stack = stack or Stack(root, data)
        self._is_root = is_root

    def up(
        self,
        port: int | None,
        age: Callable[[], float],
        terminals: TerminalChoice = TerminalChoice(),  # noqa: B008 - it never changes
        *,
        image: str = TERMINAL_TAG,
        slurm: str = "auto",
        functions: FunctionChoice = FunctionChoice(),  # noqa: B008 - it never changes
    ) -> bool:
        """Start and fill the tenant, and say where it is; false if it ran already.

        Args:
            port: to listen on; None for the usual one, or that of what runs.
            age: seconds since the person's command began.
            terminals: what runs them.
            image: theirs, if that is a container.
            slurm: whether this machine's Slurm is a system: auto, on or off.
            functions: what runs those.

        Raises:
            DeployError: It did not work; what was started is stopped again.
        """
        own = terminals.over(read_own_settings(self._data))
        if terminals.host == "docker" and not own.get("terminal_hosts"):
            image = own.get("terminal_image", image)
            check_image(own.get("terminal_engine") or None, image)
        functions.check(self._root, has_hosts=bool(own.get("terminal_hosts")))
        self._stack.prepare()
        with self._alone():
            running = self._stack.running()
            if running is not None:
                self._say(f"The tenant of this data folder runs already: {running.url}")
                if port not in {None, running.port}:
                    self._say(
                        f"It stays on port {running.port}; for port {port}, stop it "
                        f"first: {self._command('down')}"
                    )
                self._fill(running, terminals, slurm, functions)
                return False
            accounts = self._accounts()
            accounts.ensure()
            options = [*choose_jobs(own, image), *functions.tenant_options]
            started = self._stack.start(port or USUAL_PORT, options)
            try:
                url = self._fill(started, terminals, slurm, functions)
            except BaseException:
                self._stack.stop(self._say)
                raise
            self._say(f"ready in {age():.1f} s")
            self._say("")
            self._say(f"  IPT on the Web   {url}")
            self._say(f"  tenant           {started.url}")
            self._print_accounts(accounts.take_unseen())
            warning = self._stack.warning()
            if warning is not None and own.get("terminal_host") != "docker":
                self._say(f"\n{warning}")
            if self._is_root():
                self._say(f"\n{_AS_ROOT}")
        return True

    def watch(self, end: threading.Event) -> bool:
        """Show the log until the end is called; false if the tenant ended by itself."""
        follower = LogFollower(self._stack.log, lambda line: self._say(f"| {line}"))
        follower.start()
        try:
            while not end.wait(_WATCH_S):
                if self._stack.running() is None:
                    return False
        finally:
            follower.stop()
        return True

    def down(self) -> bool:
        """Stop the tenant, its jobs and its terminals; tell whether there were any."""
        if not self._data.is_dir():
            return False
        return self._stack.stop(self._say)

    def reset_accounts(self) -> None:
        """Give the demo accounts new passwords and print them.

        Raises:
            StackError: There is no tenant in the data folder.
        """
        self._check_made()
        with self._alone():
            self._print_accounts(self._accounts().reset())

    def list_accounts(self) -> None:
        """Print the names of the accounts that people sign in with.

        Raises:
            StackError: There is no tenant in the data folder.
        """
        self._check_made()
        for name in self._accounts().names():
            if name != SERVICE_ACCOUNT:
                self._say(f"  {name:<16} {DEMO.get(name, '')}".rstrip())
        self._say(f"  New passwords: {self._command('accounts --reset')}")

    def _fill(
        self,
        running: Running,
        terminals: TerminalChoice,
        slurm: str,
        functions: FunctionChoice,
    ) -> str:
        """Deploy to the tenant; return the address of the site."""
        names = self._accounts().names()
        systems = prepare_systems(self._root, self._data, slurm, self._say)
        fields = make_local_profile(self._data, running.url, names, terminals, systems)
        fields["images"] = functions.prefix
        if functions.engine:
            # On an execution host this is its administrator's: here that is us.
            homes = Path(fields["settings"]["terminal_home_root"])
            homes.mkdir(parents=True, exist_ok=True)
        profile = save_profile(fields, self._data / "run")
        plan = Deployment.of_checkout(self._root, profile).apply(_ignore)
        if plan.steps:
            self._say(f"deployed: {plan.size}")
            if len(plan.steps) <= _FEW_STEPS:  # somebody wonders what has changed
                for step in plan.steps:
                    self._say(f"  {step}")
        for note in plan.notes:
            self._say(note)
        return profile.site_url

    def _command(self, words: str) -> str:
        return write_command(self._root, self._data, words)

    def _check_made(self) -> None:
        if not (self._data / _RECORDS).is_file():
            raise StackError(
                f"There is no tenant in {self._data}; `up` makes one, and --data names "
                "another folder."
            )
        self._stack.prepare()

    def _accounts(self) -> Accounts:
        return Accounts(self._data, Vault(self._data / "secrets"))

    def _print_accounts(self, fresh: Mapping[str, str]) -> None:
        self._say("")
        if not fresh:
            self._say(f"  accounts         {', '.join(DEMO)}")
            self._say("  Their passwords were printed once; for new ones:")
            self._say(f"  {self._command('accounts --reset')}")
            return
        for name, password in fresh.items():
            kind = "administrator" if DEMO.get(name) == "admin" else "user"
            self._say(f"  {kind:<16} {name:<8} {password}")
        self._say("  These passwords are not shown again.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second command on this data folder out."""
        descriptor = os.open(self._data / "run" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StackError(
                "Another command works on this data folder; wait for it to end."
            ) from error
        try:
            yield
        finally:
            os.close(descriptor)


def _ignore(_line: str) -> None:
    """Steps of a start are counted, not listed."""
