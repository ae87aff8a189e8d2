"""The command `agave-deploy terminal`: terminals that a person starts by hand.

Where the setting `call_actor` is false, START and STOP of the function `terminal` only
keep the record; a person does the rest:

    START ─▶ SUBMITTED ─▶ launch: what the server is told ─▶ started by hand
                       ─▶ set-ready: READY with its address ─▶ stop: STOPPED

The record, and the moves that it may make, are those of the functions.
"""

import argparse
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from agave_deploy.commands.tenant import add_profile_options, open_deployment
from agave_deploy.errors import ProfileError, TenantError
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.tenant.client import TenantClient
from iptweb.errors import IptwebError
from iptweb.terminals.host.base import LaunchRequest
from iptweb.terminals.record import TerminalRecord
from iptweb.terminals.states import Status
from iptweb.terminals.store import Stored

__all__ = ["ManualTerminals", "add_terminal_command", "check_url"]

# Where the site's pages may open plain WebSockets (their Content-Security-Policy).
_THIS_MACHINE: Final = ("127.0.0.1", "localhost")
_ENDED_BY_HAND: Final = "end its server by hand, too, if that runs yet"


@dataclass(frozen=True)
class ManualTerminals:
    """Does by hand what the function `terminal` does where it may.

    Attributes:
        client: of the tenant, signed in as the service account.
        profile: of the tenant.
        public_key: that checks the terminals' tickets.
        mark: what launches end with whose terminals know that key
            (docs/architecture.md 6.1).
        clock: seconds since the epoch.
        new_id: makes the id of a launch.
    """

    client: TenantClient
    profile: Profile
    public_key: str
    mark: str
    clock: Callable[[], float] = time.time
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(32)

    def show(self, user: str) -> TerminalRecord:
        """Return a user's record as it is; changes nothing."""
        with in_our_words():
            return self._read(user).record

    def launch(self, user: str) -> dict[str, Any]:
        """Return what the server of a user's next terminal is told; nothing secret.

        The record says SUBMITTED afterwards.

        Raises:
            ProfileError: The function starts terminals here.
            TenantError: One runs already, or there is no such user.
        """
        # The SDK of the engines takes a while to load.
        from iptweb.terminals.host.containers.order import (  # noqa: PLC0415
            describe_launch,
        )

        self._check_by_hand()
        with in_our_words():
            stored = self._ensure(user)
            if stored.record.status is Status.READY:
                raise TenantError(
                    f"A terminal of {user} is ready already; stop it first."
                )
            if not self._is_under_way(stored.record):
                stored = self._write(stored, self._submit(stored.record))
            record = stored.record
        settings = self.profile.settings
        return describe_launch(
            LaunchRequest(
                name=record.name,
                user=record.user,
                launch=record.launch,
                home=Path(settings["terminal_home_root"]) / record.user,
                origins=(self.profile.tenant,),
                ticket_public_key=self.public_key,
                idle_s=settings.get("terminal_idle_s", 4 * 3600),
                max_age_s=settings.get("terminal_max_age_s", 0),
            )
        )

    def set_ready(self, user: str, url: str, launch: str = "") -> TerminalRecord:
        """Say that a user's terminal is ready; return the record.

        Args:
            user: whose it is.
            url: where browsers reach its WebSocket.
            launch: that its server was told; the record's own where empty.

        Raises:
            ProfileError: The function starts terminals here, or the address is wrong.
            TenantError: Nobody knows of a launch, or there is no such user.
        """
        self._check_by_hand()
        check_url(url)
        with in_our_words():
            launch = launch or self._read(user).record.launch
            if not launch:
                raise TenantError(
                    f"{user} has not asked for a terminal yet, so no ticket would fit "
                    "one; begin with `terminal launch`, or name the launch that its "
                    "server was told: --launch ID."
                )
            stored = self._ensure(user)
            record = stored.record
            told = record.tell(self.clock(), url=url, host="", launch=launch)
            return record if told is record else self._write(stored, told).record

    def stop(self, user: str) -> TerminalRecord:
        """Say that a user's terminal is stopped; return the record.

        Raises:
            ProfileError: The function ends terminals here.
        """
        self._check_by_hand()
        with in_our_words():
            stored = self._read(user)
            record = stored.record
            if not stored.uuid or record.status is Status.STOPPED:
                return record
            stopped = record.move(Status.STOPPED, self.clock(), launch=record.launch)
            return self._write(stored, stopped).record

    def _read(self, user: str) -> Stored:
        instance = self.profile.instance
        name = TerminalRecord.name_of(user, instance)
        # Of several the oldest counts (docs/architecture.md 5.6).
        for document in self.client.documents({"name": name}):
            record = TerminalRecord.from_value(document["value"], user, instance)
            return Stored(str(document["uuid"]), record)
        return Stored("", TerminalRecord.new(user, instance, self.clock()))

    def _ensure(self, user: str) -> Stored:
        stored = self._read(user)
        if stored.uuid:
            return stored
        record = stored.record
        self.client.put_document(record.name, record.to_value())
        stored = self._read(user)  # somebody else may have made one at the same time
        self.client.share_document(stored.uuid, user, "READ")
        return stored

    def _write(self, stored: Stored, record: TerminalRecord) -> Stored:
        self.client.put_document(record.name, record.to_value(), stored.uuid)
        return Stored(stored.uuid, record)

    def _is_under_way(self, record: TerminalRecord) -> bool:
        # A start from before the key of tickets changed would fit no ticket.
        is_ours = record.launch.endswith(f".{self.mark}")
        return record.status is Status.SUBMITTED and is_ours

    def _submit(self, record: TerminalRecord) -> TerminalRecord:
        # No deadline: a person takes their own time.
        launch = f"{self.new_id()}.{self.mark}"
        return record.move(Status.SUBMITTED, self.clock(), launch=launch)

    def _check_by_hand(self) -> None:
        if self.profile.settings.get("call_actor", True):
            raise ProfileError(
                "Here the function `terminal` starts and ends terminals, and its next "
                "sweep would undo what is done by hand: write `call_actor: false` into "
                "the profile's settings, and apply it, first."
            )


@contextlib.contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what the functions' library refuses into an error of the deployer's."""
    try:
        yield
    except IptwebError as error:
        raise TenantError(error.message) from error


def check_url(url: str) -> None:
    """Refuse an address that no browser could open a terminal at.

    Raises:
        ProfileError: Says what is right.
    """
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, is_whole = urlsplit(""), False
    has_more = parts.username or parts.password or parts.query or parts.fragment
    is_clean = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in {"ws", "wss"} or not is_whole or has_more or not is_clean:
        raise ProfileError(
            "--url must be the address of the terminal's WebSocket, such as "
            "wss://terminals.example.org:40001/, and nothing else."
        )
    if parts.scheme == "ws" and parts.hostname not in _THIS_MACHINE:
        raise ProfileError(
            "--url must be wss://, or on this machine: what is typed travels. Put a "
            "proxy that speaks TLS in front of the terminal."
        )


def add_terminal_command(
    command: argparse.ArgumentParser, say: Callable[[str], None]
) -> None:
    """Give the command its arguments, and what it runs.

    Args:
        command: `terminal`.
        say: takes one line for the person.
    """
    verbs = command.add_subparsers(required=True, metavar="VERB")
    show = verbs.add_parser("show", help="what is known of a user's terminal")
    show.set_defaults(run=lambda options: _show(options, say))
    launch = verbs.add_parser("launch", help="write what its server is to be told")
    launch.add_argument("--file", type=Path, required=True, help="to write it into")
    launch.set_defaults(run=lambda options: _launch(options, say))
    ready = verbs.add_parser("set-ready", help="say that it was started by hand")
    ready.add_argument("--url", required=True, help="ws://… or wss://…")
    ready.add_argument(
        "--launch", metavar="ID", default="", help="that its server was told"
    )
    ready.set_defaults(run=lambda options: _set_ready(options, say))
    stop = verbs.add_parser("stop", help="say that it was stopped by hand")
    stop.set_defaults(run=lambda options: _stop(options, say))
    for verb in (show, launch, ready, stop):
        verb.add_argument("user", metavar="USER", help="whose terminal it is")
        add_profile_options(verb)


def _terminals(options: argparse.Namespace) -> ManualTerminals:
    deployment = open_deployment(options)
    client, profile = deployment.sign_in(), deployment.profile
    if not client.has_account(options.user):
        raise TenantError(f"The tenant has no account {options.user}.")
    vault = Vault(profile.secrets)
    public_key, mark = vault.ticket_public_key(), vault.ticket_mark()
    return ManualTerminals(client, profile, public_key, mark)


def _show(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    for name, value in _terminals(options).show(options.user).to_answer().items():
        say(f"{name:<9} {value}".rstrip())
    return 0


def _launch(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    document = _terminals(options).launch(options.user)
    options.file.write_text(json.dumps(document), "utf-8")
    say(f"{options.file}: launch {document['launch']} of {document['name']}")
    return 0


def _set_ready(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    terminals = _terminals(options)
    record = terminals.set_ready(options.user, options.url, options.launch)
    say(f"{record.name} is {record.status} at {record.url}")
    return 0


def _stop(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    record = _terminals(options).stop(options.user)
    say(f"{record.name} is {record.status}; {_ENDED_BY_HAND}")
    return 0
