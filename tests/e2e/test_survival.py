"""A `kill -9` of the tenant in the middle of everything loses nothing."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from webterm.client import TerminalClient

pytestmark = [pytest.mark.needs("bubblewrap", "gcc"), pytest.mark.timeout(180)]

SLOW = b"""
#include <stdio.h>
#include <unistd.h>
int main(void) { puts("began"); fflush(stdout); sleep(8); puts("woke up"); }
"""


def compile_and_start(user: Any) -> str:
    """Compile the slow program and start it; return the id of the running job."""
    user.upload("slow.c", SLOW)
    compiled = user.ask(
        "job-submit",
        "POST",
        "/jobs",
        {
            "kind": "compile",
            "request_id": f"slow-compile-{time.time_ns()}",
            "system": "local",
            "command": "gcc",
            "source": "slow.c",
            "output": "slow",
        },
    )
    detail = user.wait_for_job(compiled["id"])
    assert detail["status"] == "FINISHED", detail
    started = user.ask(
        "job-submit",
        "POST",
        "/jobs",
        {
            "kind": "run",
            "request_id": f"slow-run-{time.time_ns()}",
            "system": "local",
            "binary": f"{detail['archive_path']}/slow",
        },
    )
    deadline = time.monotonic() + 30
    while True:
        status = user.ask("jobs", "GET", f"/jobs/{started['id']}")["status"]
        if status == "RUNNING":
            return str(started["id"])
        assert time.monotonic() < deadline, status
        time.sleep(0.1)


def open_terminal(user: Any) -> TerminalClient:
    """Attach to the user's terminal with a fresh ticket."""
    shown = user.ask("webterm", "GET", "/webterm")
    assert shown["status"] == "READY", shown
    return TerminalClient.connect(shown["url"], shown["ticket"])


def test_kill_9_of_the_tenant_loses_neither_job_nor_terminal(own_stack: Any) -> None:
    """After `up` the job is found and ends, the shell still knows its variable."""
    user = own_stack.user()
    begun = user.ask("terminal", "POST", "/terminals", {"command": "START"})
    with open_terminal(user) as terminal:
        terminal.send("kept=alive; echo set-$kept\n")
        terminal.read_until("set-alive")
    job = compile_and_start(user)

    own_stack.kill_tenant()
    own_stack.up()

    ended = user.wait_for_job(job)
    assert ended["status"] == "FINISHED", ended
    text = user.ask("jobs", "GET", f"/jobs/{job}/text", query={"stream": "out"})
    assert "began\nwoke up\n" in text["text"]
    shown = user.ask("webterm", "GET", "/webterm")
    assert shown["launch"] == begun["launch"]
    with open_terminal(user) as terminal:
        terminal.send("echo still-$kept\n")
        terminal.read_until("still-alive")
    assert_records_are_right(user, own_stack.data)


def assert_records_are_right(user: Any, data: Path) -> None:
    """One record of the terminal; its states and the job's are in order."""
    documents = requests.get(
        f"{user.url}/meta/v2/data",
        params={"q": json.dumps({"name": f"{user.name}-dev-IPT"})},
        headers=user.headers,
        timeout=30,
    ).json()["result"]
    assert [d["value"]["status"] for d in documents] == ["READY"]
    assert [f"{user.name}-dev-IPT"] == [
        folder.name for folder in (data / "terminals").iterdir() if folder.is_dir()
    ]
    for job in user.ask("jobs", "GET", "/jobs")["jobs"]:
        detail = user.ask("jobs", "GET", f"/jobs/{job['id']}")
        states = [event["status"] for event in detail["history"]]
        assert states[-1] == "FINISHED", states
        assert states.count("RUNNING") == 1, states
