"""One call of a function: what was asked, by whom, and the services to answer it.

The composition root of a function.  Everything is made when a view first asks for it,
so that a message costs only what it needs.
"""

import contextlib
import functools
from typing import TYPE_CHECKING

from iptweb.administration import Administration
from iptweb.administration.audit import AuditLog, Entry, entry_id
from iptweb.agave import Agave
from iptweb.errors import Forbidden, Unauthorized
from iptweb.files import FileService
from iptweb.http import Request
from iptweb.jobs import (
    JobRequest,
    JobService,
    Registry,
    Submitter,
    is_loopback,
    read_job_request,
)
from iptweb.logs import Log
from iptweb.secret import Secret
from iptweb.settings import Settings
from iptweb.terminals import TerminalService
from iptweb.terminals.actor import TerminalActor
from iptweb.terminals.claims import Claims
from iptweb.terminals.culler import Culler
from iptweb.terminals.drains import Drains, drain_hosts
from iptweb.terminals.service import Hold
from iptweb.terminals.store import TerminalStore
from iptweb.users import is_user_name, read_user_name

from .context import Context
from .platform import Platform

if TYPE_CHECKING:
    from iptweb.access import AccessService
    from iptweb.terminals.host import HostPool

__all__ = ["Call"]


class Call:
    """What a view gets.

    Args:
        request: What was asked.
        context: Who asked, and where we are.
        platform: The doors to the outside.
        log: The execution log.
    """

    def __init__(
        self, request: Request, context: Context, platform: Platform, log: Log
    ) -> None:
        self.request = request
        self.context = context
        self.platform = platform
        self.log = log

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings of the instance."""
        return self.context.configs.settings()

    @property
    def username(self) -> str:
        """The caller.

        Raises:
            Unauthorized: The platform names nobody who could be a user.
        """
        if not is_user_name(self.context.username):
            raise Unauthorized("Sign in first; this call carries no user.")
        return self.context.username

    def target_user(self, user_name: str, *, for_service: bool = False) -> str:
        """Return whom a call is for: the caller, or for an administrator anybody.

        Args:
            user_name: Whom the message names, empty for nobody.
            for_service: Whether the service account may name somebody, too: our own
                functions speak by it, and have looked at who asked them.

        Raises:
            Forbidden: Only an administrator may name somebody else.
            BadRequest: That can't be a user.
        """
        if user_name in {"", self.username}:
            return self.username
        is_ours = for_service and self.username == self.service_account
        if not is_ours and not self.settings.is_admin(self.username):
            raise Forbidden("Only an administrator may do this for somebody else.")
        return read_user_name(user_name)

    def check_admin(self) -> None:
        """Let only administrators through, and not the service account either.

        Raises:
            Forbidden: The caller is not one of the setting `admin_users`.
        """
        if not self.settings.is_admin(self.username):
            raise Forbidden("Only an administrator may do this.")

    def check_caretaker(self) -> None:
        """Let only those through who look after the whole instance.

        Raises:
            Forbidden: The caller is neither the service account nor an administrator.
        """
        if self.settings.is_admin(self.username):
            return
        if self.username != self.service_account:
            raise Forbidden("Only the service account or an administrator may do this.")

    def secret(self, name: str) -> Secret:
        """Return a secret config; the log learns not to print it."""
        secret = self.context.configs.secret(self.settings.instance, name)
        self.log.redactor.add(secret)
        return secret

    def terminals(self) -> TerminalService:
        """Return the terminals of the instance."""
        store = TerminalStore(
            self.service_agave,
            self.service_account,
            self.settings.instance,
            self.platform.clock,
        )
        return TerminalService(
            store,
            self._choose_host,
            self.settings,
            clock=self.platform.clock,
            new_id=self.platform.new_id,
            hold=self._hold,
        )

    def _choose_host(self) -> "HostPool":
        """Return the hosts; what administrators drain takes no new terminals."""
        settings = drain_hosts(self.settings, self.drains().read())
        return self.platform.choose_host(settings, self.secret, self.log.write)

    def drains(self) -> Drains:
        """Return the hosts that administrators drain."""
        return Drains(
            self.service_agave,
            self.service_account,
            self.settings.instance,
            self.platform.clock,
        )

    @property
    def _hold(self) -> Hold | None:
        if len(self.settings.terminals.hosts) <= 1:
            return None
        return self._claims.hold

    @property
    def _claims(self) -> Claims:
        return Claims(
            self.service_agave,
            self.service_account,
            self.settings.instance,
            clock=self.platform.clock,
            sleep=self.platform.sleep,
            new_id=self.platform.new_id,
        )

    def culler(self) -> Culler:
        """Return what has the function `terminal` sweep."""
        return Culler(self._terminal_actor)

    @property
    def _terminal_actor(self) -> TerminalActor:
        return TerminalActor(
            self.service_agave, self.settings.instance, self.platform.sleep
        )

    def administration(self) -> Administration:
        """Return what looks after everybody's.

        Raises:
            Forbidden: The caller is no administrator.
        """
        self.check_admin()
        return Administration(
            self.service_agave,
            self.service_account,
            self.settings,
            self.username,
            actor=self._terminal_actor,
            hold=self._claims.hold,
            clock=self.platform.clock,
        )

    def on_record(
        self, action: str, user: str
    ) -> contextlib.AbstractContextManager[None]:
        """Put on record what an administrator does to somebody else's terminal.

        What the function `admin` asks for is on record there.

        Args:
            action: In one word, as in the function `admin`.
            user: Whose terminal it is.
        """
        if self.username in {user, self.service_account}:
            return contextlib.nullcontext()
        audit = AuditLog(
            self.service_agave,
            self.service_account,
            self.settings.instance,
            self.platform.clock,
        )
        # No request of the function `admin` has an id with a space.
        key = entry_id(self.username, f"terminal {self.platform.new_id()}")
        entry = Entry(
            id=key,
            at=audit.now(),
            by=self.username,
            action=action,
            target=user,
            request_id=self.context.execution_id,
        )
        return audit.on_record(entry)

    def files(self) -> FileService:
        """Return the caller's home."""
        return FileService(self.user_agave, self.settings.storage_system, self.username)

    def registry(self) -> Registry:
        """Return the systems to compile and run on."""
        return Registry(self.settings.systems)

    def jobs(self) -> JobService:
        """Return the caller's jobs."""
        return JobService(
            self.user_agave,
            self.registry(),
            self.username,
            self.settings.storage_system,
        )

    def submitter(self) -> Submitter:
        """Return what submits the caller's jobs."""
        return Submitter(
            self.user_agave,
            self.service_agave,
            owner=self.service_account,
            instance=self.settings.instance,
            storage_system=self.settings.storage_system,
            user=self.username,
            api_server=self.context.api_server,
            clock=self.platform.clock,
            sleep=self.platform.sleep,
        )

    def job_request(self) -> JobRequest:
        """Return the job that the body asks for."""
        return read_job_request(
            self.request.body,
            self.registry(),
            local=is_loopback(self.context.api_server),
        )

    def access(self) -> "AccessService":
        """Return what signs people in and out."""
        # Only the function `auth_callback` has what this needs (the extra `keys`).
        from iptweb.access import (  # noqa: PLC0415
            AccessService,
            Granter,
            SessionStore,
            StateSigner,
            read_key,
        )

        settings, platform = self.settings, self.platform
        client = self.context.configs.oauth_client(settings.instance)
        self.log.redactor.add(client.secret)
        cipher = read_key(self.secret("session-key"))
        sessions = SessionStore(
            self.service_agave,
            cipher,
            owner=self.service_account,
            instance=settings.instance,
            clock=platform.clock,
        )
        api_server = self.context.api_server
        return AccessService(
            platform.connect_oauth(api_server, client),
            sessions,
            StateSigner(cipher),
            Granter(self.service_agave, self.service_account, settings),
            as_user=lambda token: platform.connect_agave(api_server, token, "user"),
            settings=settings,
            clock=platform.clock,
            new_id=platform.new_id,
            sleep=platform.sleep,
        )

    @functools.cached_property
    def service_agave(self) -> Agave:
        """The tenant, with the service's token."""
        return self.platform.connect_agave(
            self.context.api_server, self.context.service_token, "service"
        )

    @functools.cached_property
    def service_account(self) -> str:
        """The name of the service account, which owns all our documents."""
        return self.settings.service_account or self.service_agave.my_profile().username

    @functools.cached_property
    def user_agave(self) -> Agave:
        """The tenant, with the caller's own token, checked to be theirs.

        Raises:
            Unauthorized: The message has no token.
            Forbidden: It is somebody else's.
        """
        token = self.request.token
        if token is None:
            raise Unauthorized(
                "This needs your own token: send it as authorization: 'Bearer ...'."
            )
        agave = self.platform.connect_agave(self.context.api_server, token, "user")
        if agave.my_profile().username != self.username:
            raise Forbidden("The token in authorization is somebody else's.")
        return agave
