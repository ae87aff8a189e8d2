"""Claims on the local tenant, by itself and around the starts of one user."""

import io
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agave_local.testing import LocalAgave, served_agave
from functions.terminal import app as terminal
from iptweb.agave import AgaveClient
from iptweb.logs import Log
from iptweb.runtime import Platform, run
from iptweb.secret import Secret
from iptweb.terminals.claims import Claims
from iptweb.terminals.host import HostPool, Launched, LaunchRequest
from iptweb.terminals.host.asking import Member
from iptweb.testing import FakeHost, make_configs

NAME = "ada-test-IPT"


class SlowHost(FakeHost):
    """Takes a moment to start a terminal, so that others come in between."""

    def launch(self, request: LaunchRequest) -> Launched:
        """Start a terminal, slowly."""
        time.sleep(0.05)
        return super().launch(request)


@pytest.fixture(name="agave")
def _agave(tmp_path: Path) -> Iterator[LocalAgave]:
    with served_agave(tmp_path / "data") as agave:
        for name in ("ipt", "ada"):
            agave.add_user(name)
        yield agave


def mint(agave: LocalAgave) -> str:
    """Return a token of the service account."""
    return agave.tenant.oauth.mint("ipt", 3600)


def test_one_holds_at_a_time(agave: LocalAgave) -> None:
    """Whoever works under a claim works alone, and nothing of it stays behind."""
    barrier = threading.Barrier(6)
    inside: list[int] = []
    most: list[int] = []
    tokens = [Secret(mint(agave)) for _ in range(6)]

    def work(number: int) -> None:
        client = AgaveClient(agave.base_url, tokens[number], "service")
        claims = Claims(
            client,
            "ipt",
            "test",
            clock=time.time,
            sleep=time.sleep,
            new_id=lambda: f"claim-{number}",
        )
        barrier.wait()
        with claims.hold(NAME):
            inside.append(number)
            time.sleep(0.01)
            most.append(len(inside))
            inside.remove(number)
        client.close()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))

    assert most == [1] * 6
    found = agave.client("ipt").get("/meta/v2/data").json()["result"]
    assert [item["name"] for item in found] == []


def test_eight_starts_are_one_terminal(agave: LocalAgave) -> None:
    """However many functions start one user's terminal at once, one host has one."""
    hosts = [SlowHost("a"), SlowHost("b")]
    configs = make_configs(
        terminal_hosts=[
            {"name": host.name, "engine": "unix:///run/x.sock"} for host in hosts
        ]
    )
    barrier = threading.Barrier(8)

    def start(token: str) -> Any:
        frames: list[bytes] = []
        pool = HostPool([Member(host.name, host) for host in hosts])
        environment = {
            "MSG": json.dumps({"command": "START"}),
            "_abaco_access_token": token,
            "_abaco_api_server": agave.base_url,
            "_abaco_execution_id": "execution-1",
            "_abaco_username": "ada",
            "_actor_configs": repr(configs),
        }
        barrier.wait()
        run(
            terminal.app,
            environment,
            Platform(choose_host=lambda *_: pool),
            Log(io.StringIO()),
            deliver=lambda frame, _path: frames.append(frame),
        )
        return json.loads(frames[0])

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(start, [mint(agave) for _ in range(8)]))

    living = [one for host in hosts for one in host.terminals.values()]
    assert [one.name for one in living] == [NAME]
    assert {answer["status"] for answer in answers} == {200}
    assert {answer["body"]["status"] for answer in answers} <= {"SUBMITTED", "READY"}
    found = agave.client("ipt").get("/meta/v2/data").json()["result"]
    (record,) = [item["value"] for item in found]
    assert (record["status"], record["launch"]) == ("READY", living[0].launch)
