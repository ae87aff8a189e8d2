"""The product with every function in a container of its own image."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from webterm.client import TerminalClient

pytestmark = [
    pytest.mark.needs("bubblewrap", "gcc", "podman", "debootstrap", "sshd"),
    pytest.mark.timeout(600),
]
ROOT = Path(__file__).resolve().parents[2]


def ask(stack: Any, *words: str) -> str:
    """Run `agave-deploy` with the profile of a product that runs."""
    profile = stack.data / "run" / "profile.yaml"
    program = Path(sys.executable).with_name("agave-deploy")
    done = subprocess.run(
        [program, *words, "--profile", profile],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_function_runs_from_its_own_image(
    container_functions: Any, function_images: dict[str, str]
) -> None:
    """The tenant's actors have the images that were built, and are ready."""
    told = json.loads(ask(container_functions, "status", "--json"))

    shown = {each["name"]: each for each in told["functions"]}
    assert {name: each["running"] for name, each in shown.items()} == function_images
    assert {each["status"] for each in shown.values()} == {"READY"}


def test_nothing_is_to_do(container_functions: Any) -> None:
    """What `up` deployed is what the checkout wants, images included."""
    assert ask(container_functions, "plan").strip() == "nothing to do"


def test_a_terminal_starts_works_and_stops(container_functions: Any) -> None:
    """The function `terminal` reaches the execution host from its container."""
    user = container_functions.user()
    begun = user.ask("terminal", "POST", "/terminals", {"command": "START"})
    shown = user.ask("webterm", "GET", "/webterm")
    with TerminalClient.connect(shown["url"], shown["ticket"]) as terminal:
        terminal.send("cp samples/heat.c . && ipt parallelize heat.c --auto\n")
        terminal.read_until("Written: heat_omp.c", timeout=60)
    stopped = user.ask("terminal", "POST", "/terminals", {"command": "STOP"})

    assert "far" in begun["host"]
    assert stopped["status"] == "STOPPED"
