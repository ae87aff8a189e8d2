"""A machine that does not let the tenant in, or is another one than it was."""

from collections.abc import Callable
from typing import Any

import pytest

from agave_local.services.jobs.scenes import FORK_SSH, Scene, over_ssh
from agave_local.services.jobs.shells.words import OTHER_KEY, REFUSED
from agave_local.services.jobs.states import Status
from sshlink.testing import SshServer

pytestmark = pytest.mark.needs("sshd")
Enter = Callable[..., Scene]


def _system(server: SshServer) -> dict[str, Any]:
    return {"scheduler": "FORK", **over_ssh(server)}


def test_key_is_not_known(own_ssh_server: SshServer, enter: Enter) -> None:
    """The job fails at once, says who has to act, and tells nothing of the key."""
    system = _system(own_ssh_server)
    system["login"]["auth"]["privateKey"] = own_ssh_server.other_key

    scene = enter(FORK_SSH, system)
    job = scene.wait(scene.submit("true"))

    assert (job["status"], job["message"]) == ("FAILED", REFUSED)
    assert "Trying again" not in " ".join(scene.history(job["id"]))
    assert scene.left() == []


def test_key_is_replaced(own_ssh_server: SshServer, enter: Enter) -> None:
    """The next job after the account has lost its key fails; mended, one runs."""
    scene = enter(FORK_SSH, _system(own_ssh_server))
    assert scene.wait(scene.submit("true"))["status"] == "FINISHED"
    known = own_ssh_server.folder / "user.pub"
    right = known.read_text()
    known.write_text((own_ssh_server.folder / "other.pub").read_text())
    own_ssh_server.stop()
    own_ssh_server.start()

    job = scene.wait(scene.submit("true"))

    assert (job["status"], job["message"]) == ("FAILED", REFUSED)
    known.write_text(right)
    assert scene.wait(scene.submit("true"))["status"] == "FINISHED"


def test_another_machine(own_ssh_server: SshServer, enter: Enter) -> None:
    """A machine with another key is named, and is sent nothing at all."""
    scene = enter(FORK_SSH, _system(own_ssh_server))
    own_ssh_server.stop()
    own_ssh_server.change_host_key()
    own_ssh_server.start()

    job = scene.wait(scene.submit("true"))

    assert (job["status"], job["message"]) == ("FAILED", OTHER_KEY)
    assert "hostKey" in job["message"]
    assert "Accepted" not in own_ssh_server.log()
    assert scene.left() == []


def test_another_machine_while_it_runs(own_ssh_server: SshServer, enter: Enter) -> None:
    """A running job is not given up; when the right machine is back, it comes home."""
    scene = enter(FORK_SSH, _system(own_ssh_server))
    job_id = scene.submit("until [ -e end ]; do sleep 0.05; done; echo once >>log")
    scene.wait(job_id, Status.RUNNING)
    keys = {
        name: (own_ssh_server.folder / name).read_bytes()
        for name in ("host", "host.pub")
    }
    own_ssh_server.stop()
    own_ssh_server.change_host_key()
    own_ssh_server.start()
    scene.wait_until_told(job_id, OTHER_KEY)
    (scene.base / "anna" / f"job-{job_id}-job" / "end").touch()

    own_ssh_server.stop()
    for name, content in keys.items():
        (own_ssh_server.folder / name).write_bytes(content)
    own_ssh_server.start()

    assert scene.wait(job_id)["status"] == "FINISHED"
    assert scene.read(job_id, "log") == b"once\n"
    scene.wait_until_tidy()
