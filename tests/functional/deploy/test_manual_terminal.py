"""Terminals started by hand: `call_actor: false`, and the command `terminal`."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.cli import main
from agave_deploy.profiles.profile import to_profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import SERVICE, Deployment
from agave_local.testing import PASSWORD, LocalAgave, served_agave
from webterm import TerminalClient

ROOT = Path(__file__).parents[3]
NAME = "ada-dev-IPT"
URL = "ws://127.0.0.1:40123/"
IMAGES = {"ipt/terminal": "functions.terminal", "ipt/webterm": "functions.webterm"}


@dataclass(frozen=True)
class Operator:
    """Somebody who looks after an instance by its profile.

    Attributes:
        agave: the tenant.
        profile: file of the profile.
        capsys: what the command said.
    """

    agave: LocalAgave
    profile: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, verb: str, user: str, *options: str) -> tuple[int, str]:
        """Type a command; return its exit code and all that it said."""
        words = ["terminal", verb, user, "--profile", str(self.profile), *options]
        code = main(["--root", str(ROOT), *words])
        said = self.capsys.readouterr()
        return code, said.out + said.err

    def send(self, function: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message as ada; return the frame that answers."""
        answer = self.agave.client("ada").post(
            f"/actors/v2/dev-{function}/messages?_abaco_synchronous=true", json=message
        )
        assert answer.ok, answer.text
        frame: dict[str, Any] = answer.json()
        return frame

    def command(self, command: str) -> dict[str, Any]:
        """Send a command to ada's terminal; return the record."""
        frame = self.send("terminal", {"command": command})
        assert frame["status"] == 200, frame
        record: dict[str, Any] = frame["body"]
        return record

    def records(self) -> list[str]:
        """Return the names of all records of terminals."""
        found = self.agave.client("ipt").get("/meta/v2/data").json()["result"]
        return [each["name"] for each in found if each["name"].endswith("-IPT")]

    def webterm(self) -> dict[str, Any]:
        """Return what ada's page is told."""
        body: dict[str, Any] = self.send("webterm", {"path": "/webterm"})["body"]
        return body


@pytest.fixture(name="deployed", scope="module")
def _deployed(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[LocalAgave, Path]]:
    """Yield a served tenant and the profile of an instance that is deployed there."""
    folder = tmp_path_factory.mktemp("manual")
    with served_agave(folder / "data", images=IMAGES) as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        fields = {
            "tenant": agave.base_url,
            "members": ["ada", "grace"],
            "admins": ["grace"],
            "settings": {
                "terminal_home_root": str(folder / "homes"),
                "terminal_dir": str(folder / "terminals"),
                "ipt_python": sys.executable,
                "call_actor": False,
            },
        }
        profile = to_profile(fields, folder)
        Vault(profile.secrets).write(SERVICE, PASSWORD)
        manifest = replace(read_manifest(ROOT), site=folder / "site")
        for name in ("index.html", "vendor/x.js"):
            (folder / "site" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "site" / name).write_text("", "utf-8")
        vault = Vault(profile.secrets)
        Deployment(manifest, profile, vault).apply(lambda _line: None)
        path = folder / "profile.yaml"
        path.write_text(yaml.safe_dump(fields), "utf-8")
        yield agave, path


@pytest.fixture(name="operator")
def _operator(
    deployed: tuple[LocalAgave, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    """Return the operator of an instance whose terminals are started by hand."""
    agave, whole = deployed
    ipt = agave.client("ipt")
    for each in ipt.get("/meta/v2/data").json()["result"]:
        if each["name"].endswith("-IPT"):
            assert ipt.delete(f"/meta/v2/data/{each['uuid']}").ok
    fields = yaml.safe_load(whole.read_text("utf-8"))
    fields["secrets"] = str(whole.parent / "secrets")
    path = tmp_path / "profile.yaml"
    path.write_text(yaml.safe_dump(fields), "utf-8")
    return Operator(agave, path, capsys)


@contextlib.contextmanager
def start_by_hand(launch: Path, folder: Path) -> Iterator[str]:
    """Start a terminal server as docs/live-tenant.md says; yield its address."""
    document = json.loads(launch.read_text("utf-8"))
    door = folder / "door.sock"
    # What is the container's view in the page is this machine's here.
    document |= {"handover": str(door), "home": str(folder), "filters": {}}
    document["shell"] = ["/bin/bash", "--norc", "--noprofile", "-i"]
    python = [sys.executable, "-I", "-m"]
    address = ["--address", "127.0.0.1", "--socket", str(door)]
    with (
        subprocess.Popen(
            [*python, "webterm", "--launch-variable", "IPT_LAUNCH"],
            env={"PATH": os.environ["PATH"], "IPT_LAUNCH": json.dumps(document)},
            stderr=subprocess.DEVNULL,
        ) as server,
        subprocess.Popen(
            [*python, "webterm.door", *address], stdout=subprocess.PIPE, text=True
        ) as listener,
    ):
        try:
            assert listener.stdout is not None
            port = listener.stdout.readline().removeprefix("port ").strip()
            yield f"ws://127.0.0.1:{port}/"
        finally:
            server.terminate()
            listener.terminate()


def test_terminal_by_hand(operator: Operator, tmp_path: Path) -> None:
    """Whoever asked gets in at a terminal that the operator started, until it stops."""
    launch = tmp_path / "launch.json"
    asked = operator.command("START")
    assert (asked["status"], asked["url"]) == ("SUBMITTED", "")

    code, said = operator.run("launch", "ada", "--file", str(launch))

    assert (code, said) == (0, f"{launch}: launch {asked['launch']} of {NAME}\n")
    assert operator.webterm()["status"] == "SUBMITTED"
    with start_by_hand(launch, tmp_path) as url:
        assert operator.run("set-ready", "ada", "--url", url)[0] == 0
        found = operator.webterm()
        assert (found["status"], found["url"]) == ("READY", url)
        with TerminalClient.connect(url, found["ticket"]) as terminal:
            assert terminal.run("echo $((6 * 7))").output.strip() == "42"
        assert operator.command("START")["status"] == "READY"
    assert operator.run("stop", "ada")[0] == 0
    assert operator.webterm()["status"] == "STOPPED"


def test_ready_before_anybody_asked(operator: Operator) -> None:
    """A terminal may be started for somebody who did not ask; only they see it."""
    launch = operator.profile.with_name("launch.json")
    assert operator.run("launch", "ada", "--file", str(launch))[0] == 0
    document = json.loads(launch.read_text("utf-8"))

    code, said = operator.run("set-ready", "ada", "--url", URL)

    assert (code, said) == (0, f"{NAME} is READY at {URL}\n")
    found = operator.webterm()
    assert (found["status"], found["launch"]) == ("READY", document["launch"])
    operator.run("stop", "ada")
    operator.run("launch", "ada", "--file", str(launch))
    # Once more, while that start is under way: it is the same one.
    again = json.loads(launch.read_text("utf-8"))["launch"]
    assert again != document["launch"]
    assert operator.webterm()["launch"] == again
    operator.run("launch", "ada", "--file", str(launch))
    assert operator.webterm()["launch"] == again
    assert document["origins"] == [operator.agave.base_url]
    mine = operator.agave.client("ada").get("/meta/v2/data").json()["result"]
    assert [each["name"] for each in mine] == [NAME]
    assert operator.agave.client("grace").get("/meta/v2/data").json()["result"] == []


def test_set_ready_again(operator: Operator) -> None:
    """The same again changes nothing; another address or launch replaces the old."""
    for options in ((), (), ("--launch", "by-hand-2")):
        code, _ = operator.run(
            "set-ready", "ada", "--url", URL, "--launch", "l", *options
        )
        assert code == 0
    assert operator.webterm()["launch"] == "by-hand-2"

    operator.run("set-ready", "ada", "--url", "wss://terminals.example.org/ada/")

    assert operator.webterm()["url"] == "wss://terminals.example.org/ada/"


def test_show(operator: Operator) -> None:
    """What is known is shown, also of who has no record, and nothing is made."""
    code, said = operator.run("show", "ada")

    assert code == 0
    assert "status    PENDING\n" in said
    assert operator.records() == []
    operator.run("set-ready", "ada", "--url", URL, "--launch", "l")
    assert f"url       {URL}\n" in operator.run("show", "ada")[1]


def test_stop_what_is_not(operator: Operator) -> None:
    """Stopping what was never started, or is stopped, is fine."""
    assert operator.run("stop", "ada")[1].startswith(
        f"{NAME} is PENDING; end its server"
    )
    operator.run("set-ready", "ada", "--url", URL, "--launch", "l")
    for _ in range(2):
        assert operator.run("stop", "ada")[1].startswith(f"{NAME} is STOPPED; end its")


def test_functions_only_keep_the_record(operator: Operator) -> None:
    """START, STOP, RESTART and SYNC reach no host: none is there to be reached."""
    states = [
        operator.command(c)["status"] for c in ("START", "SYNC", "STOP", "RESTART")
    ]

    assert states == ["SUBMITTED", "SUBMITTED", "STOPPED", "SUBMITTED"]
    settings = yaml.safe_load(operator.profile.read_text("utf-8"))["settings"]
    assert not Path(settings["terminal_dir"]).exists()


def test_refusals(operator: Operator) -> None:
    """What can't be is refused with what to do, and nothing is written."""
    for user, url, reason in (
        ("ada", URL, "begin with `terminal launch`"),
        ("bob", URL, "The tenant has no account bob"),
        ("no user", URL, "no account no user"),
        ("ada", "ws://far.example.org/", "must be wss://"),
    ):
        code, said = operator.run("set-ready", user, "--url", url)
        assert (code, reason in said) == (1, True), said
    assert operator.run("show", "bob")[0] == 1
    assert operator.records() == []


def test_refused_where_one_is_ready(operator: Operator) -> None:
    """Nobody gets a second terminal by hand."""
    operator.run("set-ready", "ada", "--url", URL, "--launch", "l")

    code, said = operator.run("launch", "ada", "--file", "/nowhere/launch.json")

    assert code == 1
    assert "A terminal of ada is ready already; stop it first." in said


def test_refused_where_the_function_starts_them(operator: Operator) -> None:
    """Where the function starts terminals nothing is done by hand."""
    fields = yaml.safe_load(operator.profile.read_text("utf-8"))
    del fields["settings"]["call_actor"]
    operator.profile.write_text(yaml.safe_dump(fields), "utf-8")
    more = {"launch": ("--file", "/nowhere/x"), "set-ready": ("--url", URL), "stop": ()}

    for verb, options in more.items():
        code, said = operator.run(verb, "ada", *options)
        assert code == 1
        assert "write `call_actor: false` into the profile's settings" in said


def test_foreign_record(operator: Operator) -> None:
    """A record that is another instance's user's is not touched."""
    value = {"name": NAME, "user": "ada-x", "status": "READY"}
    ipt = operator.agave.client("ipt")
    assert ipt.post("/meta/v2/data", json={"name": NAME, "value": value}).ok

    code, said = operator.run("set-ready", "ada", "--url", URL)

    assert code == 1
    assert "Another instance has a record of that name." in said


def commands_of_the_page(**words: str) -> list[list[str]]:
    """Return the commands of docs/live-tenant.md that start containers.

    Args:
        words: what stands there, and what it is here.
    """
    page = (ROOT / "docs/live-tenant.md").read_text("utf-8")
    found = re.findall(r"^\$ docker (run (?:.*\\\n)*.*)$", page, re.MULTILINE)
    commands = [shlex.split(text.replace("\\\n", " ")) for text in found]
    for old, new in words.items():
        commands = [[word.replace(old, new) for word in each] for each in commands]
    return commands


@pytest.mark.needs("podman")
def test_containers_of_the_page(
    operator: Operator, container_engine: str, terminal_image: str, tmp_path: Path
) -> None:
    """The commands of the page start a terminal that its user gets in at."""
    home, run, launch = tmp_path / "home", tmp_path / "run", tmp_path / "ada.json"
    for folder in (home, run):
        folder.mkdir()
        os.chown(folder, 1000, 1000)
    tmp_path.chmod(0o755)
    operator.run("launch", "ada", "--file", str(launch))
    server, door = commands_of_the_page(
        **{
            "/srv/ipt/homes/ada": str(home),
            "/run/ipt-ada": str(run),
            "$(cat ada.json)": launch.read_text("utf-8"),
            "ipt/terminal-session": terminal_image,
            "ada-prod-IPT": "by-hand-ada-prod-IPT",
        }
    )
    podman = ["podman", "--remote", "--url", container_engine]
    try:
        subprocess.run([*podman, *server], check=True, capture_output=True)
        with subprocess.Popen(
            [*podman, *door], stdout=subprocess.PIPE, text=True
        ) as listener:
            assert listener.stdout is not None
            url = f"ws://127.0.0.1:{listener.stdout.readline()[5:].strip()}/"
            operator.run("set-ready", "ada", "--url", url)
            ticket = operator.webterm()["ticket"]
            with TerminalClient.connect(url, ticket) as terminal:
                said = terminal.run("id -u; touch new; ls; hostname -I").output
    finally:
        name = server[server.index("--name") + 1]
        subprocess.run([*podman, "rm", "-f", name], check=False, capture_output=True)
    assert said.split()[0] == "1000"
    assert (home / "new").stat().st_uid == 1000
