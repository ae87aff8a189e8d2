"""A tenant to deploy to, in process and served, and a deployment of this checkout."""

import json
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Manifest
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.documents import add_systems
from agave_deploy.systems.local import REGISTRY
from agave_deploy.systems.reading import read_system
from agave_deploy.tenant.client import TenantClient
from agave_deploy.upkeep.deployment import SERVICE, Deployment
from agave_local.testing import (
    PASSWORD,
    LocalAgave,
    in_process_agave,
    served_agave,
)

ROOT = Path(__file__).parents[3]
PATIENCE_S = 120.0
TRANSPORTS = {"in_process": in_process_agave, "served": served_agave}

Deploy = Callable[..., Deployment]
ACTORS = """
functions:
  - name: auth-callback
    description: Signs people in.
    configs: [settings]
    secrets: [oauth-client, session-key]
    limits: {workers: 1, memory: 64m, processors: 1000}
    grants: nobody
    nonce: true
  - name: jobs
    description: Lists jobs.
    configs: [settings]
    limits: {workers: 1, memory: 64m, processors: 1000}
    grants: members
"""


class CountingSession(requests.Session):
    """A session that counts its calls, and may break down at one of them.

    Attributes:
        calls: method and address of each.
        breaks_at: number of the changing call that gets no answer any more.
    """

    def __init__(self, breaks_at: int | None = None) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.breaks_at = breaks_at

    @property
    def changes(self) -> list[tuple[str, str]]:
        """The calls that may have changed something."""
        return [
            (method, url)
            for method, url in self.calls
            if method != "GET" and not url.endswith("/token")
        ]

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a request, or break down."""
        self.calls.append((str(method), str(url)))
        if self.breaks_at is not None and len(self.changes) > self.breaks_at:
            raise requests.ConnectionError("the cable was pulled")
        return super().request(method, url, *args, **kwargs)


@pytest.fixture(params=list(TRANSPORTS))
def agave(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield an empty tenant with a service account and two users."""
    with TRANSPORTS[request.param](tmp_path / "data") as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a small site."""
    site = tmp_path / "static_site"
    for name, text in {
        "index.html": "<!doctype html><title>IPT</title>",
        "lib/api.js": "export const api = 1;\n",
        "styles/global.css": "body {}\n",
        "vendor/xterm.js": "export {};\n",
    }.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return site


@pytest.fixture
def checkout(site: Path) -> Path:
    """Return a checkout of its own with two functions and a small site."""
    root = site.parent
    (root / "actors.yaml").write_text(ACTORS, "utf-8")
    (root / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    (root / "agave").mkdir()
    for name in ("apps", "systems"):
        (root / "agave" / name).symlink_to(ROOT / "agave" / name)
    return root


@pytest.fixture
def manifest(site: Path) -> Manifest:
    """Return this checkout's registrations and its first system; a small site."""
    entry = read_system(ROOT / REGISTRY / "local.yaml", {})
    return replace(add_systems(read_manifest(ROOT), [entry]), site=site)


@pytest.fixture
def profile(agave: LocalAgave, tmp_path: Path) -> Profile:
    """Return the profile of that tenant."""
    return Profile(
        tenant=agave.base_url,
        instance="dev",
        service_account="ipt",
        secrets=tmp_path / "secrets",
        members=("ada", "grace"),
        admins=("grace",),
        storage_system="ipt.storage",
        site_system="ipt.site",
        settings={"terminal_dir": "/run", "ipt_python": "/usr/bin/python3"},
    )


@pytest.fixture
def vault(profile: Profile) -> Vault:
    """Return the vault of that profile, with the service account's password."""
    vault = Vault(profile.secrets)
    vault.write(SERVICE, PASSWORD)
    return vault


@pytest.fixture
def deploy(manifest: Manifest, profile: Profile, vault: Vault) -> Deploy:
    """Return a maker of deployments to that tenant."""

    def make(
        session: requests.Session | None = None,
        changed_manifest: Manifest | None = None,
        changed_profile: Profile | None = None,
    ) -> Deployment:
        used = changed_profile or profile
        client = TenantClient(used.tenant, "ipt", PASSWORD, session)
        return Deployment(changed_manifest or manifest, used, vault, client)

    return make


@pytest.fixture
def counting() -> type[CountingSession]:
    """Return the maker of sessions that count and break down."""
    return CountingSession


@pytest.fixture(name="start_image")
def _start_image(
    container_engine: str,
) -> Iterator[Callable[[str, Mapping[str, Any]], tuple[Any, str]]]:
    """Give what starts an image as Abaco does, without a tenant or a network.

    It takes the image and the message, and returns the frame and the log.
    """
    with closing(docker.DockerClient(container_engine)) as client:
        yield lambda image, message: _start(client, image, message)


def _start(
    client: docker.DockerClient, image: str, message: Mapping[str, Any]
) -> tuple[Any, str]:
    with (
        tempfile.TemporaryDirectory(prefix="actor-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as results,
    ):
        place = Path(folder, "results")
        results.bind(str(place))
        place.chmod(0o777)
        Path(folder).chmod(0o755)
        results.settimeout(PATIENCE_S)
        container = client.containers.create(
            image,
            environment={
                "MSG": repr(dict(message)),
                "_abaco_Content_Type": "application/json",
                "_abaco_access_token": "no-token",
                "_abaco_api_server": "http://127.0.0.1:1",
                "_abaco_execution_id": "execution",
                "_abaco_username": "ada",
                "_actor_configs": "{}",
            },
            volumes={str(place): {"bind": "/_abaco_results.sock", "mode": "rw"}},
            network_mode="none",
            read_only=True,
            tmpfs={"/tmp": ""},  # noqa: S108 - the container's own
        )
        try:
            container.start()
            code = container.wait()["StatusCode"]
            log = container.logs().decode()
            assert code == 0, log
            return json.loads(results.recv(2**17)), log
        finally:
            container.remove(force=True)
