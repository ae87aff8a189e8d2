"""A checkout and a profile small enough to read, for the deployer's tests."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Manifest
from agave_deploy.profiles.profile import Profile, to_profile
from agave_deploy.profiles.vault import Vault

ACTORS = """
functions:
  - name: auth-callback
    description: Signs people in.
    configs: [settings]
    secrets: [oauth-client, session-key]
    grants: nobody
    nonce: true
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
APP = {
    "deploymentSystem": "ipt.apps",
    "deploymentPath": "apps/{name}",
    "templatePath": "wrapper.sh",
    "testPath": "test/test.sh",
    "parallelism": "SERIAL",
    "defaultMaxRunTime": "00:10:00",
}
APPS = ("ipt-build", "ipt-run", "ipt-build-run", "ipt-compare")
NEAR: dict[str, Any] = {
    "name": "near",
    "label": "A machine",
    "description": "It is near.",
    "scheduler": "FORK",
    "login": {"protocol": "LOCAL"},
    "compilers": [{"label": "C", "command": "gcc -O2", "for": "serial"}],
    "launchers": ["", "mpirun -np {ranks}"],
    "presets": [{"name": "serial", "label": "Serial", "compile": "gcc -O2"}],
    "queues": [
        {
            "name": "default",
            "default": True,
            "max_nodes": 1,
            "max_processors": 4,
            "max_run_time": "04:00:00",
        }
    ],
}
HOST_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
)
FAR: dict[str, Any] = {
    **NEAR,
    "name": "far",
    "label": "A cluster",
    "scheduler": "SLURM",
    "login": {
        "protocol": "SSH",
        "host": "login.cluster.example",
        "user": "ipt",
        "host_key": HOST_KEY,
        "credential": "far-key",
    },
    "folders": {"scratch": "/scratch/ipt"},
    "modules": True,
    "suggested_modules": [{"name": "gcc/12.2.0", "label": "GCC 12"}],
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return the root of a checkout with two functions, a system and four apps."""
    root = tmp_path / "checkout"
    texts = {
        "actors.yaml": ACTORS,
        "agave/systems/ipt.storage.json": json.dumps(STORAGE),
        "agave/apps/ipt-lib.sh": "echo lib\n",
        "static_site/index.html": "<!doctype html>",
        "static_site/lib/api.js": "export {};",
        "static_site/vendor/xterm.js": "export {};",
        "static_site/vendor/xterm.LICENSE": "MIT",
        "static_site/config.example.js": "not shipped",
        "static_site/node_modules/x/x.js": "not shipped",
        "static_site/package.json": "{}",
        "static_site/.hidden.js": "not shipped",
    }
    for name in APPS:
        folder = f"agave/apps/{name}"
        texts[f"{folder}/app.json"] = json.dumps(APP).replace("{name}", name)
        texts[f"{folder}/wrapper.sh"] = f"echo {name}\n"
        texts[f"{folder}/test/test.sh"] = "echo test\n"
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
def near() -> dict[str, Any]:
    """Return the file of a system on the tenant's own machine, as it is read."""
    return copy.deepcopy(NEAR)


@pytest.fixture
def far() -> dict[str, Any]:
    """Return the file of a cluster that is reached over SSH, as it is read."""
    return copy.deepcopy(FAR)


@pytest.fixture
def profile_fields() -> dict[str, Any]:
    """Return the fields of a profile, as a file would hold them."""
    return {
        "tenant": "https://api.example.org/",
        "instance": "prod",
        "members": ["ada", "grace"],
        "admins": ["grace"],
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
