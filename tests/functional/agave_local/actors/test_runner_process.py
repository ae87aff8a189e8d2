"""Actors whose images are programs of this machine."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.images import check_images
from agave_local.services.actors.runner.limits import Limits
from agave_local.testing import served_agave

_SHOW = """
import json, os, socket
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    client.connect(os.environ["_abaco_results_socket"])
    client.send(json.dumps(dict(os.environ)).encode())
"""
_TABLE = {
    "user/shell:1": {"command": ["sh", "-c", 'eval "$MSG"'], "environment": {"A": "1"}},
    "user/show": {"command": [sys.executable, "-c", _SHOW]},
    "user/count": {"command": ["sh", "-c", 'wc -c < "$_abaco_binary_data"']},
    "user/missing": {"command": ["/opt/secret/missing-program"]},
}


@pytest.fixture(scope="module", name="shared")
def _shared(tmp_path_factory: pytest.TempPathFactory, abaco_of: Any) -> Iterator[Any]:
    data = tmp_path_factory.mktemp("process") / "data"
    limits = Limits(run_time=3)
    images = check_images(_TABLE)
    with served_agave(data, images=images, execution_limits=limits) as agave:
        yield abaco_of(agave)


@pytest.fixture(scope="module", name="shell")
def _shell(shared: Any) -> str:
    return str(shared.register(shared.client("ipt"), image="user/shell:1"))


def _run(abaco: Any, actor_id: str, script: str) -> dict[str, Any]:
    ipt = abaco.client("ipt")
    execution_id = abaco.send(ipt, actor_id, {"message": script})
    execution: dict[str, Any] = abaco.finish(ipt, actor_id, execution_id)
    return execution | {"log": abaco.log(ipt, actor_id, execution_id)}


def test_command_for_an_image(shared: Any, shell: str) -> None:
    """Any image's name can stand for a command, with its own variables."""
    execution = _run(shared, shell, 'echo "$A $_abaco_container_repo"; exit 5')

    assert execution["log"] == "1 user/shell:1\n"
    assert (execution["status"], execution["exitCode"]) == ("COMPLETE", 5)
    assert execution["finalState"]["Status"] == "exited"
    assert execution["finalState"]["ExitCode"] == 5


def test_what_it_took(shared: Any, shell: str) -> None:
    """Processor time and bytes are those of the command and its children."""
    execution = _run(shared, shell, "head -c 3000000 /dev/zero | md5sum")

    assert execution["cpu"] > 1_000_000
    assert execution["io"] >= 9_000_000


def test_time_limit(shared: Any, shell: str) -> None:
    """A command that takes too long is ended with all that it started."""
    execution = _run(shared, shell, "sleep 60 | cat")

    assert (execution["status"], execution["exitCode"]) == ("COMPLETE", 137)
    assert 2 <= execution["runtime"] <= 10


def test_binary_message(shared: Any) -> None:
    """A command reads a binary message of any size from its pipe."""
    ipt = shared.client("ipt")
    actor_id = shared.register(ipt, image="user/count")

    answer = ipt.post(
        f"/actors/v2/{actor_id}/messages?_abaco_synchronous=true",
        data=b"\0" * 2_500_000,
        headers={"Content-Type": "application/octet-stream"},
    )

    assert answer.text.strip() == "2500000"


def test_hostile_variables(shared: Any) -> None:
    """No query steers the command, and every other name comes as it was sent."""
    ipt = shared.client("ipt")
    actor_id = shared.register(ipt, image="user/show")
    steering = {
        "LD_PRELOAD": "/evil.so",
        "PATH": "/evil",
        "PYTHONPATH": "/evil",
        "HTTPS_PROXY": "http://evil",
        "ENV": "/evil",
    }
    odd = {"a b": "c d", "é": "ü\n=", "__proto__": "", "x-nonce": "none"}

    seen = json.loads(shared.ask(ipt, actor_id, {}, **steering, **odd).content)

    assert odd.items() <= seen.items()
    assert "/evil" not in json.dumps(seen)
    assert "http://evil" not in seen.values()


@pytest.mark.parametrize("query", ["a%00b=c", "a=b%00", "%00=x", "a%3Db=c", "=x"])
def test_what_is_no_variable(shared: Any, shell: str, query: str, refusal: Any) -> None:
    """A name or value that no environment can hold is refused, and breaks nothing."""
    ipt = shared.client("ipt")

    answer = ipt.post(f"/actors/v2/{shell}/messages?{query}", json={"message": "true"})

    status, message = refusal(answer)
    assert status == 400
    assert "environment variable" in message


def test_message_with_a_nul(shared: Any, shell: str, refusal: Any) -> None:
    """A message that no environment can hold is refused."""
    ipt = shared.client("ipt")

    answer = ipt.post(f"/actors/v2/{shell}/messages", json={"message": "a\0b"})

    assert refusal(answer)[0] == 400


def test_missing_program(shared: Any) -> None:
    """An image whose program is not here says so, without the folder."""
    ipt = shared.client("ipt")
    actor_id = shared.register(ipt, image="user/missing")

    actor = shared.actor(ipt, actor_id)

    assert actor["status"] == "ERROR"
    assert actor["statusMessage"] == (
        "Spawner got an exception from call to start_worker. Exception:"
        "The program missing-program of this image was not found."
    )


def test_strangers_get_no_process(shared: Any, refusal: Any) -> None:
    """Only who is trusted has a program of this machine run, also as a command."""
    anna = shared.client("anna")

    answer = anna.post("/actors/v2", json={"image": "user/shell:1"})

    assert refusal(answer)[0] == 400


@pytest.mark.parametrize("how", ["force", "later"])
def test_code_that_is_mended(
    how: str, tmp_path: Path, clock: Any, abaco_of: Any, wait_until: Any
) -> None:
    """An image that cannot be imported says why; mended, it runs what waited."""
    name = f"mended_{how}"
    folder = tmp_path / "code" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "app.py").write_text("import json\njson.nothing_here", "utf-8")
    (folder / "__main__.py").write_text("print('mended')", "utf-8")
    sys.path.insert(0, str(folder.parent))
    try:
        images = check_images({"i": name})
        with served_agave(tmp_path / "data", images=images, clock=clock) as agave:
            abaco = abaco_of(agave)
            ipt = abaco.client("ipt")
            actor_id = abaco.register(ipt, image="i")
            message = abaco.actor(ipt, actor_id)["statusMessage"]
            assert message.endswith(
                "AttributeError: module 'json' has no attribute 'nothing_here'"
            )
            execution_id = abaco.send(ipt, actor_id, {})

            (folder / "app.py").write_text("", "utf-8")
            if how == "force":
                body = {"image": "i", "force": True}
                assert ipt.put(f"/actors/v2/{actor_id}", json=body).ok
            else:
                clock.move(60)
                agave.tenant.duties.tick()

            wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "READY")
            abaco.finish(ipt, actor_id, execution_id)
            assert abaco.log(ipt, actor_id, execution_id) == "mended\n"
    finally:
        sys.path.remove(str(folder.parent))
