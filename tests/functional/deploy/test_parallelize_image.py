"""The image of `parallelize` does its work as Abaco starts it, on a real engine."""

import json
import socket
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from ipt.service import EngineRequest, serve_in_child

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "shared/ipt/samples/heat.c"
PATIENCE_S = 120.0

pytestmark = [pytest.mark.needs("podman", "debootstrap"), pytest.mark.timeout(300)]


def _ask(client: docker.DockerClient, image: str, body: dict[str, Any]) -> Any:
    """Send one message to a container without a network; return the frame."""
    message = {"method": "POST", "path": "/parallelize", "body": body}
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
                "MSG": repr(message),
                "_abaco_access_token": "no-token",
                "_abaco_api_server": "http://127.0.0.1:1",
                "_abaco_execution_id": "execution",
                "_abaco_username": "ada",
                "_actor_configs": "{}",
            },
            volumes={str(place): {"bind": "/_abaco_results.sock", "mode": "rw"}},
            network_mode="none",
        )
        try:
            container.start()
            code = container.wait()["StatusCode"]
            assert code == 0, container.logs().decode()
            return json.loads(results.recv(2**17))
        finally:
            container.remove(force=True)


def test_sample_in_a_container(
    container_engine: str, function_images: Mapping[str, str]
) -> None:
    """A sample comes out as it does here, and no file of the image is shown."""
    source = SAMPLE.read_text("utf-8")
    expected = serve_in_child(EngineRequest("auto"), {"heat.c": source.encode()})
    image = function_images["parallelize"]
    with closing(docker.DockerClient(container_engine)) as client:
        done = _ask(client, image, {"sources": {"heat.c": source}})
        hostile = _ask(client, image, {"sources": {"a.c": '#include "/etc/passwd"\n'}})

    assert done["status"] == 200, done
    assert done["body"]["sources"] == expected["sources"]
    assert hostile["status"] == 422
    assert "'/etc/passwd' file not found" in hostile["body"]["error"]["message"]
