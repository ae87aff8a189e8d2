"""Settings and keys of an invented instance."""

import functools
import json
from typing import Any

__all__ = ["make_configs", "make_settings", "ticket_keys"]

SYSTEM: dict[str, Any] = {
    "name": "local",
    "label": "This machine",
    "description": "Jobs run beside the platform.",
    "build_app": "ipt-build-local-0.1.0",
    "run_app": "ipt-run-local-0.1.0",
    "build_run_app": "ipt-build-run-local-0.1.0",
    "compare_app": "ipt-compare-local-0.1.0",
    "build_system": "ipt.local",
    "run_system": "ipt.local",
    "scheduler": "FORK",
    "compilers": [{"label": "C", "command": "gcc", "for": "serial", "language": "c"}],
    "launchers": ["", "mpirun -np {processors}"],
    "presets": [
        {
            "name": "mpi",
            "label": "MPI",
            "compile": "mpicc -O2",
            "launcher": "mpirun -np {processors}",
            "ranks": 4,
            "threads": 1,
            "nodes": 1,
        }
    ],
    "modules": False,
    "suggested_modules": [],
    "queues": [
        {
            "name": "default",
            "description": "The only queue",
            "default": True,
            "max_nodes": 1,
            "max_processors": 4,
            "max_run_time": "01:00:00",
            "max_memory": "8GB",
        }
    ],
}


@functools.cache
def ticket_keys() -> tuple[str, str]:
    """Return a private and a public key, PEM, the same ones in one process."""
    # Not every function has what keys are made with.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@functools.cache
def session_key() -> str:
    """Return a Fernet key, the same one in one process."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - as above

    return Fernet.generate_key().decode()


def make_settings(**changes: Any) -> dict[str, Any]:
    """Return the object of `test-settings`, with some keys changed."""
    return {
        "instance": "test",
        "site_origin": "http://127.0.0.1:8080",
        "callback_url": "http://127.0.0.1:8080/site/callback.html",
        "storage_system": "ipt.storage",
        "admin_users": ["grace"],
        "systems": [SYSTEM],
        "functions": ["test-terminal", "test-webterm"],
        "terminal_host": "process",
        "terminal_home_root": "/homes",
        "terminal_dir": "/terminals",
        "terminal_address": "127.0.0.1",
        "terminal_ws_scheme": "ws",
        "terminal_deadline_s": 120,
        "ticket_public_key": ticket_keys()[1],
        "ipt_python": "/usr/bin/python3",
        "service_account": "ipt",
        **changes,
    }


def make_configs(**changes: Any) -> dict[str, str]:
    """Return all configs of the instance, as Abaco would hand them over."""
    return {
        "test-settings": json.dumps(make_settings(**changes)),
        "test-oauth-client": json.dumps({"key": "client", "secret": "client-secret"}),
        "test-session-key": session_key(),
        "test-ticket-key": ticket_keys()[0],
    }
