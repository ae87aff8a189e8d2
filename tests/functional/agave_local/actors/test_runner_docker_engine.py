"""Engines, images and tenants that come and go, and the way back to the tenant."""

import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from agave_local.lock import locked
from agave_local.services.actors.runner.testing import (
    make_python_image,
    podman_engine,
)
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.testing import CHEAP, LocalAgave, served_agave
from agave_local.transports.served import Served, listen

pytestmark = pytest.mark.needs("podman")

Start = Callable[..., AbstractContextManager[Any]]


def test_calling_back_over_the_hosts_network(start: Start, image: str) -> None:
    """A container in the host's network reaches the tenant at its own address."""
    with start(docker_network="host") as abaco:
        anna = abaco.client("anna")
        actor_id = abaco.register(anna, image=image)

        answer = abaco.ask(anna, actor_id, {"fetch": "/health"})

        assert answer.status_code == 200
        assert answer.text == abaco.anonymous().get("/health").text


def test_calling_back_over_a_bridge(
    container_engine: str, image: str, tmp_path: Path, abaco_of: Any
) -> None:
    """A container in a network of its own knows this machine by a name."""
    listener = listen("0.0.0.0", 0)  # noqa: S104 - the containers' network is another one
    port = listener.getsockname()[1]
    settings = TenantSettings(
        tmp_path / "data",
        f"http://127.0.0.1:{port}",
        password_cost=CHEAP,
        docker=container_engine,
        docker_pulls=False,
        docker_api_server=f"http://host.docker.internal:{port}",
    )
    with locked(settings.data):
        tenant = Tenant(settings)
        served = Served(tenant, listener, 8)
        served.start()
        try:
            abaco = abaco_of(LocalAgave(settings.base_url, tenant))
            anna = abaco.client("anna")
            actor_id = abaco.register(anna, image=image)

            answer = abaco.ask(anna, actor_id, {"fetch": "/health"})

            assert answer.text == abaco.anonymous().get("/health").text
        finally:
            served.stop()


def test_image_that_comes(
    start: Start, container_engine: str, clock: Any, wait_until: Any, program: str
) -> None:
    """An actor whose image is missing says so, and is ready once it is there."""
    with start(clock=clock) as abaco:
        anna = abaco.client("anna")
        actor_id = abaco.register(anna, image="localhost/later")
        actor = abaco.actor(anna, actor_id)
        assert actor["status"] == "ERROR"
        assert actor["statusMessage"] == (
            "Spawner got an exception from call to start_worker. Exception:"
            "Image localhost/later was not found on the public registry."
        )
        execution_id = abaco.send(anna, actor_id, {"exit": 7})

        make_python_image(container_engine, "later", program)
        clock.move(60)
        abaco.agave.tenant.duties.tick()

        wait_until(lambda: abaco.actor(anna, actor_id)["status"] == "READY")
        assert abaco.finish(anna, actor_id, execution_id)["exitCode"] == 7


def test_image_that_cannot_start(
    start: Start, container_engine: str, containers: Any
) -> None:
    """A command that is not in its image is named, and nothing of this machine."""
    make_python_image(
        container_engine, "empty", "", changes=['CMD ["/no/such/program"]']
    )
    with start() as abaco:
        anna = abaco.client("anna")
        actor_id = abaco.register(anna, image="localhost/empty")
        data = str(abaco.agave.tenant.settings.data)

        sent = [abaco.send(anna, actor_id, {}) for _ in range(6)]
        for execution_id in sent:
            assert abaco.finish(anna, actor_id, execution_id)["status"] == "ERROR"

        actor = abaco.actor(anna, actor_id)
        assert actor["status"] == "ERROR"
        assert actor["statusMessage"].startswith("Error executing container: ")
        assert "/no/such/program" in actor["statusMessage"]
        assert data not in actor["statusMessage"]
        assert not containers()


def test_engine_that_goes_and_comes_back(
    tmp_path: Path, clock: Any, abaco_of: Any, wait_until: Any, program: str
) -> None:
    """Without its engine an actor says what to do; it recovers with the engine."""
    address = tmp_path / "data"
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        url = f"unix://{folder}/podman.sock"
        settings = {"docker": url, "docker_pulls": False, "clock": clock}
        with served_agave(address, **settings) as agave:
            abaco = abaco_of(agave)
            anna = abaco.client("anna")
            actor_id = abaco.register(anna, image="localhost/probe")
            message = abaco.actor(anna, actor_id)["statusMessage"]
            assert "whoever runs the tenant should start it" in message
            assert folder not in message

            with podman_engine(Path(folder)) as again:
                assert again == url
                make_python_image(url, "probe", program)
                clock.move(60)
                agave.tenant.duties.tick()
                wait_until(lambda: abaco.actor(anna, actor_id)["status"] == "READY")
                assert abaco.ask(anna, actor_id, {"print": "back"}).text == "back"


def test_killed_tenant_leaves_nothing(
    container_engine: str, image: str, tmp_path: Path, wait_until: Any, containers: Any
) -> None:
    """What a killed tenant left running is gone once it serves again."""
    data = tmp_path / "data"
    script = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from agave_local.testing import served_agave
        settings = {{"docker": {container_engine!r}, "docker_pulls": False}}
        with served_agave(Path({str(data)!r}), **settings) as agave:
            anna = agave.client("anna")
            body = {{"image": {image!r}}}
            actor = anna.post("/actors/v2", json=body).json()["result"]["id"]
            order = {{"print": "up", "sleep": 60}}
            sent = anna.post(f"/actors/v2/{{actor}}/messages", json=order).json()
            execution = sent["result"]["executionId"]
            path = f"/actors/v2/{{actor}}/executions/{{execution}}/logs"
            while anna.get(path).json()["result"]["logs"] != "up":
                time.sleep(0.02)
            print(actor, execution, flush=True)
            time.sleep(60)
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    actor_id, execution_id = process.stdout.readline().split()
    process.kill()
    process.communicate()
    assert containers()

    with served_agave(data, docker=container_engine, docker_pulls=False) as agave:
        wait_until(lambda: not containers())
        address = f"/actors/v2/{actor_id}/executions/{execution_id}"
        execution = agave.client("anna").get(address).json()["result"]
        assert execution["status"] == "ERROR"


def test_stopped_tenant_leaves_nothing(
    start: Start, image: str, containers: Any
) -> None:
    """A tenant that stops ends its containers and takes them with it."""
    with start() as abaco:
        anna = abaco.client("anna")
        actor_id = abaco.register(anna, image=image)
        for _ in range(2):
            abaco.send(anna, actor_id, {"sleep": 60})

    assert not containers()
