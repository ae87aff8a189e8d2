"""A checkout and a profile small enough to read, for the deployer's tests."""

import json
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.manifest import read_manifest
from agave_deploy.models import Manifest
from agave_deploy.profile import Profile, to_profile
from agave_deploy.vault import Vault

ACTORS = """
functions:
  - name: auth-callback
    description: Signs people in.
    configs: [settings, oauth-client, session-key]
    grants: nonce
  - name: job-submit
    description: Submits jobs.
    hints: [sync]
    configs: [settings]
    grants: members
"""
STORAGE = {
    "id": "ipt.storage",
    "name": "Homes",
    "type": "STORAGE",
    "public": True,
    "storage": {"host": "localhost", "protocol": "LOCAL", "auth": {"type": "LOCAL"}},
}
MACHINE = {
    "id": "ipt.local",
    "name": "Machine",
    "type": "EXECUTION",
    "queues": [{"name": "default"}, {"name": "long"}],
}
APP = {
    "name": "ipt-run",
    "version": "0.1.0",
    "executionSystem": "ipt.local",
    "deploymentSystem": "ipt.apps",
    "deploymentPath": "apps/ipt-run",
    "templatePath": "wrapper.sh",
    "testPath": "test/test.sh",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return the root of a checkout with two functions, two systems and one app."""
    root = tmp_path / "checkout"
    texts = {
        "actors.yaml": ACTORS,
        "agave/systems/ipt.storage.json": json.dumps(STORAGE),
        "agave/systems/ipt.local.json": json.dumps(MACHINE),
        "agave/apps/ipt-run/app.json": json.dumps(APP),
        "agave/apps/ipt-run/wrapper.sh": "echo run\n",
        "agave/apps/ipt-run/test/test.sh": "echo test\n",
        "static_site/index.html": "<!doctype html>",
        "static_site/lib/api.js": "export {};",
        "static_site/vendor/xterm.js": "export {};",
        "static_site/vendor/xterm.LICENSE": "MIT",
        "static_site/config.example.js": "not shipped",
        "static_site/node_modules/x/x.js": "not shipped",
        "static_site/package.json": "{}",
        "static_site/.hidden.js": "not shipped",
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.fixture
def manifest(checkout: Path) -> Manifest:
    """Return that checkout's registrations."""
    return read_manifest(checkout)


@pytest.fixture
def profile_fields() -> dict[str, Any]:
    """Return the fields of a profile, as a file would hold them."""
    return {
        "tenant": "https://api.example.org/",
        "instance": "prod",
        "members": ["ada", "grace"],
        "admins": ["grace"],
        "registry": [{"name": "local"}],
        "settings": {
            "terminal_home_root": "/homes",
            "terminal_dir": "/run/terminals",
            "ipt_python": "/usr/bin/python3",
            "terminal_ws_scheme": "wss",
        },
    }


@pytest.fixture
def profile(profile_fields: dict[str, Any], tmp_path: Path) -> Profile:
    """Return that profile, checked."""
    return to_profile(profile_fields, tmp_path)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return an empty vault."""
    return Vault(tmp_path / "secrets")
