"""Fifty users who press Start twice: messages, records and terminals, all real."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.profiles.profile import Profile
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import Caller, LocalAgave, served_agave
from iptweb.terminals.host import SandboxHost

Deploy = Callable[..., Deployment]
pytestmark = pytest.mark.needs("bubblewrap")
USERS = tuple(f"user{number}" for number in range(50))
TOO_MANY = 429
MESSAGES = "/actors/v2/dev-terminal/messages"


@pytest.fixture
def agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant behind HTTP that runs the function of terminals."""
    images = {"ipt/terminal": "functions.terminal"}
    with served_agave(tmp_path / "data", images=images) as agave:
        for name in ("ipt", *USERS):
            agave.add_user(name)
        yield agave


@dataclass(frozen=True)
class Crowd:
    """All users, and where their terminals are."""

    callers: dict[str, Caller]
    host: SandboxHost

    def send(self, user: str, command: str) -> tuple[float, dict[str, Any]]:
        """Send a user's message; return how long it took, and the answer's body.

        Whom the tenant asks to come again does so when it said.
        """
        begin = time.monotonic()
        body = json.dumps({"command": command})
        query = {"_abaco_synchronous": "true"}
        while True:
            answer = self.callers[user].post(
                MESSAGES, params=query, json={"message": body}, timeout=100
            )
            if answer.status_code != TOO_MANY:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        frame = answer.json()
        assert frame["status"] == 200, frame
        return time.monotonic() - begin, frame["body"]

    def send_all(self, users: tuple[str, ...], command: str) -> list[dict[str, Any]]:
        """Send messages at once; return the answers and say how long that took."""
        begin = time.monotonic()
        with ThreadPoolExecutor(len(users)) as pool:
            answers = list(pool.map(lambda user: self.send(user, command), users))
        took = sorted(seconds for seconds, _ in answers)
        sys.stdout.write(
            f"{len(users)} {command}: {time.monotonic() - begin:.1f} s; half of them "
            f"within {took[len(took) // 2]:.1f} s, the last {took[-1]:.1f} s\n"
        )
        return [body for _, body in answers]


@pytest.fixture
def crowd(
    agave: LocalAgave, deploy: Deploy, profile: Profile, tmp_path: Path
) -> Iterator[Crowd]:
    """Yield the users, after everything was deployed; no terminal stays."""
    settings = {
        "terminal_host": "sandbox",
        "terminal_home_root": str(tmp_path / "data/storage/ipt.storage"),
        "terminal_dir": str(tmp_path / "terminals"),
        "ipt_python": sys.executable,
    }
    changed = replace(profile, members=USERS, admins=(), settings=settings)
    deploy(changed_profile=changed).apply(lambda _line: None)
    host = SandboxHost(tmp_path / "terminals", python=Path(sys.executable))
    yield Crowd({user: agave.client(user) for user in USERS}, host)
    for folder in (tmp_path / "terminals").glob("*-IPT"):
        host.stop(folder.name)


@pytest.mark.timeout(300)
def test_fifty_users_start_twice_at_once(crowd: Crowd) -> None:
    """A hundred messages make fifty terminals, none twice, and fifty end them all."""
    started = crowd.send_all((*USERS, *USERS), "START")
    living = crowd.host.living()
    stopped = crowd.send_all(USERS, "STOP")

    assert {answer["status"] for answer in started} <= {"READY", "SUBMITTED"}
    ready = [answer for answer in started if answer["status"] == "READY"]
    assert {answer["name"] for answer in ready} == {f"{u}-dev-IPT" for u in USERS}
    assert {answer["url"] for answer in ready} == {each.url for each in living}
    assert len({each.name for each in living}) == len(living) == len(USERS)
    assert {answer["status"] for answer in stopped} == {"STOPPED"}
    assert crowd.host.living() == []
