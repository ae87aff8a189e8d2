"""The command `agave-local serve`: from options and a file to a server, to its end.

options ─┐
file ────┴▶ `Configuration` ─▶ lock ─▶ listen ─▶ tenants ─▶ `Served` ─▶ a signal
"""

import argparse
import logging
import os
import resource
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from agave_local.configuration.file import BadConfiguration, Configuration, read_file
from agave_local.configuration.file import configure as read_configuration
from agave_local.cores import keep_to_one
from agave_local.entrance.logs import LogFormat
from agave_local.entrance.logs import configure as configure_log
from agave_local.entrance.metrics import Metrics
from agave_local.lock import locked
from agave_local.outgoing.policy import Reach
from agave_local.services.actors.runner.options import add_runner_options
from agave_local.services.jobs.containers.options import add_job_options
from agave_local.tenant import Tenant
from agave_local.transports.served import Served, listen

__all__ = ["BadConfiguration", "add_options", "serve"]

_ENDED_BY_SIGNAL = 128
# 2000 connections, each maybe with a file, and the databases.
_OPEN_FILES = 16_384
# What names a key of the configuration file, with the option's hyphens for its own.
_NOT_KEYS = frozenset({"run", "config", "no_limits", "one_core"})


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give the command its options; each but `--config` is a key of the file too."""
    parser.add_argument(
        "--config", type=Path, help="YAML file; options come before what it says"
    )
    parser.add_argument(
        "--data", help="folder of everything the tenant keeps (default: .ipt-data)"
    )
    parser.add_argument("--port", type=int, help="(default: 8080)")
    parser.add_argument("--host", help="address to listen at (default: 127.0.0.1)")
    _add_switch(
        parser,
        "--allow-remote",
        "let other machines reach the tenant, which speaks plain HTTP",
    )
    parser.add_argument("--base-url", help="address that callers use")
    parser.add_argument(
        "--tenant-code", dest="code", help="name of the tenant (default: LOCAL)"
    )
    parser.add_argument(
        "--images", help="JSON or YAML file: image name to Python package or command"
    )
    parser.add_argument(
        "--case", choices=["camel", "snake"], help="how Abaco's fields are written"
    )
    parser.add_argument(
        "--gateway-key",
        dest="gateway_key_file",
        metavar="FILE",
        help="public key of the gateway whose X-Jwt-Assertion-<TENANT> is believed",
    )
    parser.add_argument(
        "--one-core",
        action="store_true",
        help="keep the server to one core, which answers many small calls faster; "
        "actors and jobs have all cores",
    )
    parser.add_argument("--log-format", choices=list(LogFormat), help="(default: text)")
    parser.add_argument(
        "--trusted-proxy", help="address of a proxy whose X-Forwarded-… is believed"
    )
    parser.add_argument(
        "--stop-deadline",
        type=float,
        help="seconds that calls under way have when the tenant stops (default: 10)",
    )
    parser.add_argument(
        "--no-limits",
        action="store_true",
        help="let callers call as often as they like",
    )
    _add_switch(
        parser, "--control", "let any program of this machine use /local (for tests)"
    )
    _add_switch(
        parser,
        "--unconfined-jobs",
        "run jobs without a sandbox where there is none, for one user at a time",
    )
    add_job_options(parser)
    parser.add_argument(
        "--outgoing",
        nargs="*",
        choices=list(Reach),
        help="addresses that webhooks and notifications may call "
        "(default: public; loopback as well while only this machine is served)",
    )
    add_runner_options(parser)
    parser.set_defaults(run=serve)


def serve(options: argparse.Namespace) -> None:
    """Serve tenants until a signal says to stop; a second one ends it at once.

    Raises:
        BadConfiguration: for a file or an option that cannot be.
        CannotListen: for an address that is taken.
        DataInUse: while another server has the folder.
    """
    configuration = _read(options)
    if options.one_core:
        keep_to_one()
    configure_log(configuration.log_format, sys.stderr)
    _allow_connections()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: _end(ended, number))
    log = logging.getLogger("agave_local")
    with ExitStack() as held:
        held.enter_context(locked(configuration.data))
        listener = listen(configuration.host, configuration.port)
        metrics, tenants = Metrics(), []
        for settings in configuration.settings(listener.getsockname()[1]):
            if settings.data != configuration.data.resolve():
                held.enter_context(locked(settings.data))
            tenants.append(Tenant(settings, metrics=metrics))
        served = Served(
            tenants[0],
            listener,
            others=tenants[1:],
            limits=configuration.limits,
            sizes=configuration.sizes,
            deadline_s=configuration.stop_deadline,
            trusted_proxy=configuration.trusted_proxy,
        )
        served.start()
        for tenant in tenants:
            log.info("serving %s", tenant.settings.base_url)
        # A wait without end would not let a signal's handler run everywhere.
        while served.is_alive and not ended.wait(1):
            pass
        log.info("stopping")
        served.stop()


def _add_switch(parser: argparse.ArgumentParser, name: str, text: str) -> None:
    # Where it is not given, the file decides.
    parser.add_argument(name, action="store_true", default=None, help=text)


def _read(options: argparse.Namespace) -> Configuration:
    given: dict[str, Any] = {
        key: value
        for key, value in vars(options).items()
        if value is not None and key not in _NOT_KEYS
    }
    if options.no_limits:
        given["limits"] = "off"
    if options.config is None:
        return read_configuration({}, Path(), given)
    content = read_file(options.config)
    return read_configuration(content, options.config.resolve().parent, given)


def _allow_connections() -> None:
    """Have as many files open as connections, and what they read, may need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _end(ended: threading.Event, number: int) -> None:
    """Stop as soon as what is under way has ended; at once where asked again."""
    if ended.is_set():
        os._exit(_ENDED_BY_SIGNAL + number)
    ended.set()
