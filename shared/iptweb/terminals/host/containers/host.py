"""Terminals in containers: each person's work behind the walls of an engine.

    listen ─▶ create ─▶ start ─▶ hand the socket over ─▶ wait until it answers

The engine has each container name only once: that makes a launch atomic, whoever
launches, from wherever.  A terminal ends by itself if its socket does not come, so a
launcher that is killed at any step leaves nothing that runs and that nobody knows of.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from iptweb.errors import HostUnreachable, LaunchFailed, TerminalError
from iptweb.secret import Secret
from iptweb.settings.terminals import EngineHost, TerminalLimits
from iptweb.terminals.host.base import Ended, Launched, LaunchRequest
from iptweb.terminals.host.ending import read_ending
from iptweb.terminals.host.folder import NAME, check_name

from .door import LEFT_BEHIND_SECONDS, NOT_STARTED
from .engine import Container, EngineRefused, NotThere, Taken
from .order import HOME, LABEL, Account, Mount, Scope, order_terminal
from .place import FarPlace, LocalPlace, Place, Reach
from .ready import Answer, ask_terminal

__all__ = ["DockerHost"]

READY_SECONDS = 30.0
POLL_SECONDS = 0.01
TERM_SECONDS = 3


class DockerHost:
    """Runs terminals in containers of one engine; implements `Host`.

    It keeps nothing: all that it knows of what runs is what the engine knows.

    Args:
        host: The engine and where it is: `unix:///path` for this machine's,
            `ssh://user@host:port` for an execution host's.
        instance: The instance of the site.
        home_root: The folder of homes, where `host` has none of its own.
        run_dir: Where the run-time folders of terminals are kept, on this machine.
        image: Of the containers.
        network: That containers are in; `none` for none.
        user: `uid:gid` of the containers, where `host` says none; the owner of the
            folder of homes where empty, and 1000:1000 where that is root.
        limits: Of each terminal.
        ssh_key: Our private key, for an execution host.
        place: Where containers run, instead of what `host` says.
        ask: Asks a terminal whether it is ready.
        clock: Seconds since the epoch.
        sleep: Waits.
    """

    def __init__(
        self,
        host: EngineHost,
        *,
        instance: str,
        home_root: Path,
        run_dir: Path,
        image: str,
        network: str = "none",
        user: str = "",
        limits: TerminalLimits | None = None,
        ssh_key: Secret | None = None,
        place: Place | None = None,
        ask: Callable[[str, str], Answer] = ask_terminal,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._host = host
        self._home_root = Path(host.home_root) if host.home_root else home_root
        self._scope = Scope(instance, str(self._home_root))
        self._image = image
        self._network = network
        self._user = host.user or user
        self._limits = limits or TerminalLimits()
        self._ask = ask
        self._clock = clock
        self._sleep = sleep
        self._place = place or self._find_place(run_dir, ssh_key)

    def reason(self) -> str | None:
        """Return why no terminal can be started here, None if one can."""
        try:
            with self._place.connect() as reach:
                if not reach.engine.has_image(self._image):
                    return self._no_image()
        except TerminalError as error:
            return error.message
        except EngineRefused:
            return "The container engine does not take our requests."
        return None

    def launch(self, request: LaunchRequest) -> Launched:
        """Start the terminal, or return the one of that name that already lives.

        Raises:
            ConfigError: What is needed to reach the host is missing or malformed.
            HostKeyMismatch: The host is not the one we know.
            HostUnreachable: It does not answer.
            LaunchFailed: The terminal did not start.
        """
        check_name(request.name)
        deadline = time.monotonic() + READY_SECONDS
        with self._reach(LaunchFailed, NOT_STARTED) as reach:
            while time.monotonic() < deadline:
                found = reach.engine.find(self._scope.container(request.name))
                if found is not None:
                    if self._is_coming(reach, found, deadline):
                        return self._launched(found)
                    self._remove(reach, found)
                with contextlib.suppress(Taken):
                    return self._start(reach, request, deadline)
        raise LaunchFailed(NOT_STARTED)

    def stop(self, name: str, launch: str = "") -> bool:
        """End the terminal, or only one launch of it; false if there was none.

        Raises:
            HostUnreachable: The host can't be asked, or it is still there after all.
        """
        if not NAME.fullmatch(name):
            return False
        with self._reach(HostUnreachable, NOT_ENDED) as reach:
            found = reach.engine.find(self._scope.container(name))
            if found is not None and launch not in {"", found.label("launch")}:
                return False
            if found is not None:
                # By its id: another one may have the name by now.
                with contextlib.suppress(EngineRefused):
                    # It ended just now, or was never started.
                    reach.engine.stop(found.id, TERM_SECONDS)
                self._remove(reach, found)
            reach.door.clear()
        return found is not None and found.status != "exited"

    def inspect(self, name: str) -> Launched | None:
        """Return the living terminal of that name, or None.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        if not NAME.fullmatch(name):
            return None
        with self._reach(HostUnreachable, NOT_ASKED) as reach:
            found = reach.engine.find(self._scope.container(name))
        if found is None or not found.is_running:
            return None
        if not self._is_settled(found) and self._answer(found) is Answer.NOBODY:
            # Its launcher is gone, and it waits in vain for its socket.
            return None
        return self._launched(found)

    def living(self) -> list[Launched]:
        """Return all living terminals, sorted by name.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        oldest = self._clock() - LEFT_BEHIND_SECONDS
        with self._reach(HostUnreachable, NOT_ASKED) as reach:
            found = reach.engine.labelled(f"{LABEL}scope={self._scope.id}")
            for container in found:
                if container.status == "created" and container.started < oldest:
                    self._remove(reach, container)
            reach.door.clear()
        running = [self._launched(one) for one in found if is_living(one)]
        return sorted(running, key=lambda launched: launched.name)

    def ended(self, name: str) -> Ended | None:
        """Return how the last terminal of that name ended, None if nothing is known.

        Raises:
            HostUnreachable: The host can't be asked.
        """
        if not NAME.fullmatch(name):
            return None
        with self._reach(HostUnreachable, NOT_ASKED) as reach:
            found = reach.engine.find(self._scope.container(name))
            if found is None or found.status != "exited":
                return None
            log = reach.engine.log_tail(found.id)
        ending = read_ending(log, memory_kills=int(found.out_of_memory))
        return Ended(found.label("launch"), ending)

    def _find_place(self, run_dir: Path, key: Secret | None) -> Place:
        if self._host.engine.startswith("ssh:"):
            return FarPlace(
                self._host,
                self._scope,
                image=self._image,
                key=key,
                clock=self._clock,
            )
        return LocalPlace(self._host, run_dir, clock=self._clock)

    @contextlib.contextmanager
    def _reach(self, kind: type[TerminalError], message: str) -> Iterator[Reach]:
        try:
            with self._place.connect() as reach:
                yield reach
        except EngineRefused as error:
            raise kind(message, host=self._host.name, error=str(error)) from error

    def _start(self, reach: Reach, request: LaunchRequest, deadline: float) -> Launched:
        """Start a terminal.

        Raises:
            LaunchFailed: It did not start; nothing of it is left.
            Taken: Somebody else starts it just now.
        """
        account = self._account(reach)
        home = self._home_root / request.home.name
        reach.homes.prepare(home, account)
        with reach.door.open(request.name, request.user, account) as door:
            order = order_terminal(
                request,
                self._scope,
                image=self._image,
                network=self._network,
                account=account,
                limits=self._limits,
                mounts=(Mount(str(home), HOME, writable=True), *door.mounts),
                url=self._url(door.port),
                door=door.name,
                started=self._clock(),
            )
            try:
                container = reach.engine.create(order)
            except NotThere as error:
                raise LaunchFailed(self._no_image(), error=str(error)) from error
            try:
                reach.engine.start(container)
                door.hand_over(
                    lambda: is_running(reach.engine.find(container)), deadline
                )
                return self._wait(reach, container, deadline)
            except BaseException as error:
                self._give_up(reach, container, error)
                raise

    def _wait(self, reach: Reach, container: str, deadline: float) -> Launched:
        """Wait until a terminal that has been started answers.

        Raises:
            LaunchFailed: It does not.
        """
        found = reach.engine.find(container)
        if found is None or not self._is_coming(reach, found, deadline):
            raise LaunchFailed(NOT_STARTED)
        return self._launched(found)

    def _is_coming(self, reach: Reach, found: Container, deadline: float) -> bool:
        """Wait until a terminal answers; false once it is known that it never will."""
        looked: Container | None = found
        while looked is not None and (looked.is_running or looked.status == "created"):
            if looked.is_running and self._is_settled(found):
                return True
            answer = self._answer(found)
            if answer is not Answer.WAITING:
                return answer is Answer.READY
            if time.monotonic() > deadline:
                return False
            self._sleep(POLL_SECONDS)
            looked = reach.engine.find(found.id)
        return False

    def _is_settled(self, found: Container) -> bool:
        """Return whether it has run too long to be still without its socket.

        Then it needs no question: that its address can't be reached from here is no
        reason to end what somebody works in.
        """
        return self._clock() - found.started > LEFT_BEHIND_SECONDS

    def _answer(self, found: Container) -> Answer:
        return self._ask(found.label("url"), found.label("launch"))

    def _give_up(self, reach: Reach, container: str, error: BaseException) -> None:
        with contextlib.suppress(EngineRefused, TerminalError):
            if isinstance(error, TerminalError):
                error.context.setdefault("log", reach.engine.log_tail(container))
            reach.engine.remove(container)

    def _remove(self, reach: Reach, found: Container) -> None:
        reach.engine.remove(found.id)
        reach.door.forget(found.label("door"))

    def _account(self, reach: Reach) -> Account:
        uid, _, gid = self._user.partition(":")
        if uid and gid:
            return Account(int(uid), int(gid))
        return reach.homes.owner(self._home_root) or Account()

    def _url(self, port: int) -> str:
        address = self._host.address
        shown = f"[{address}]" if ":" in address else address
        return f"ws://{shown}:{port}/"

    def _launched(self, found: Container) -> Launched:
        return Launched(
            name=found.label("name"),
            launch=found.label("launch"),
            url=found.label("url"),
            host=self._host.name,
            started=found.started,
        )

    def _no_image(self) -> str:
        return (
            f"The image of terminals, {self._image}, is not on the container engine. "
            "Build it there: ./build.sh image terminal-session"
        )


NOT_ENDED = "The terminal can't be ended. The execution host may be out of order."
NOT_ASKED = "The execution host's container engine does not tell what runs there."


def is_running(container: Container | None) -> bool:
    """Return whether a container is there and runs."""
    return container is not None and container.is_running


def is_living(container: Container) -> bool:
    """Return whether a container is a terminal that runs."""
    return container.label("role") == "terminal" and container.is_running
