"""`up`, `down` and `accounts` with the real tenant, as a person starts them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from agave_deploy.cli import main
from agave_deploy.errors import ManifestError, StackError
from agave_deploy.local_stack.local import LocalStack
from agave_deploy.local_stack.processes import find_process
from agave_deploy.profiles.profile import read_profile
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import Deployment, read_registrations
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from sshlink.testing import free_port

ROOT = Path(__file__).parents[3]
PASSWORD = re.compile(r"^  (?:user|administrator) +(\w+) +(\S+)$", re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not (ROOT / "static_site/vendor").is_dir(),
    reason="static_site/vendor is missing: run ./build.sh test, which makes it",
)


@dataclass
class Person:
    """Somebody who starts the stack of one data folder and reads what it says.

    Attributes:
        data: the folder.
        lines: what was said so far.
        is_root: whether it is root.
    """

    data: Path
    is_root: bool = False
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "\n".join(self.lines)

    @property
    def passwords(self) -> dict[str, str]:
        """The last password that was shown for each account."""
        return dict(PASSWORD.findall(self.text))

    def stack(self) -> LocalStack:
        """Return the stack."""
        return LocalStack(
            ROOT, self.data, self.lines.append, is_root=lambda: self.is_root
        )


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """Yield a person with a new data folder; afterwards nothing runs."""
    person = Person(tmp_path / "my data")
    yield person
    person.stack().down()


def _age() -> float:
    return 1.5


def _can_sign_in(url: str, name: str, password: str) -> bool:
    answer = requests.get(f"{url}/clients/v2", auth=(name, password), timeout=10)
    return answer.ok


def _take_tokens(url: str, name: str, password: str) -> dict[str, str]:
    """Sign a script in; return its tokens and its client's key and secret."""
    data = {"clientName": f"script-{time.monotonic_ns()}"}
    made = requests.post(
        f"{url}/clients/v2", auth=(name, password), data=data, timeout=10
    ).json()["result"]
    client = {"key": made["consumerKey"], "secret": made["consumerSecret"]}
    form = {"grant_type": "password", "username": name, "password": password}
    answer = requests.post(
        f"{url}/token",
        auth=(client["key"], client["secret"]),
        data=form | {"scope": "PRODUCTION"},
        timeout=10,
    )
    return {**client, **answer.json()}


def _refresh(url: str, tokens: dict[str, str]) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    auth = (tokens["key"], tokens["secret"])
    return requests.post(f"{url}/token", auth=auth, data=form, timeout=10)


def _profile_status(url: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{url}/profiles/v2/me", headers=headers, timeout=10)
    return answer.status_code


def test_up_says_where_and_who(person: Person) -> None:
    """The first start prints passwords that work, and an address with the site."""
    port = free_port()

    assert person.stack().up(port, _age)

    url = f"http://127.0.0.1:{port}"
    assert "ready in 1.5 s" in person.lines
    assert "This runs as root" not in person.text
    assert f"{url}/files/v2/download/ipt/system/ipt.site/site/index.html" in person.text
    assert list(person.passwords) == ["ada", "grace", "admin"]
    for name, password in person.passwords.items():
        assert _can_sign_in(url, name, password)
    address = re.search(r"IPT on the Web +(\S+)", person.text)
    assert address is not None
    answer = requests.get(address.group(1), timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_second_up_keeps_everything(person: Person) -> None:
    """A second start takes no new passwords, deploys nothing, and takes its port."""
    person.stack().up(free_port(), _age)
    first = person.passwords
    assert person.stack().down()
    person.lines.clear()
    port = free_port()
    begin = time.monotonic()

    assert person.stack().up(port, _age)

    assert time.monotonic() - begin < 20
    assert person.passwords == {}
    assert f"./build.sh accounts --reset --data '{person.data}'" in person.text
    assert _can_sign_in(f"http://127.0.0.1:{port}", "ada", first["ada"])


def test_up_as_root(person: Person) -> None:
    """Root is warned once, where the address is, and others are not."""
    person.is_root = True

    assert person.stack().up(free_port(), _age)

    assert person.text.count("This runs as root: ") == 1


@pytest.mark.needs("slurm")
def test_up_with_more_systems(
    person: Person, slurm: SlurmCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's Slurm and an operator's own file are systems after `up`."""
    monkeypatch.setenv("SLURM_CONF", str(slurm.conf))
    own = person.data / "systems" / "mine.yaml"
    own.parent.mkdir(parents=True, mode=0o700)
    shipped = (ROOT / "agave/systems/registry/local.yaml").read_text("utf-8")
    own.write_text(shipped.replace("name: local\n", "name: mine\n"), "utf-8")

    assert person.stack().up(free_port(), _age, slurm="on")

    profile = read_profile(person.data / "run" / "profile.yaml")
    manifest = read_registrations(ROOT, profile)
    vault = Vault(profile.secrets)
    names = [entry["name"] for entry in manifest.registry]
    assert names == ["local", "local-slurm", "mine"]
    assert str(Deployment(manifest, profile, vault).plan()) == "nothing to do"
    own.unlink()
    person.lines.clear()
    assert not person.stack().up(None, _age, slurm="on")
    assert "deployed: 1 step" in person.lines
    assert "  ~ config dev-settings for " in person.text
    assert "! system mine is no longer offered; " in person.text


def test_up_while_running(person: Person) -> None:
    """A start of what runs already says so, and starts nothing."""
    port, other = free_port(), free_port()
    person.stack().up(port, _age, slurm="off")
    person.lines.clear()

    assert not person.stack().up(None, _age, slurm="off")
    assert not person.stack().up(port, _age, slurm="off")
    runs = f"The tenant of this data folder runs already: http://127.0.0.1:{port}"
    assert person.lines == [runs, runs]
    assert not person.stack().up(other, _age, slurm="off")
    assert person.lines[-1] == (
        f"It stays on port {port}; for port {other}, stop it first: "
        f"./build.sh down --data '{person.data}'"
    )


def test_up_taken_port_changes_nothing(person: Person) -> None:
    """A taken port is an error that leaves nothing running; the next start works."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(StackError, match="--port"):
            person.stack().up(server.getsockname()[1], _age)
        assert not person.stack().down()

    assert person.stack().up(free_port(), _age)
    assert list(person.passwords) == ["ada", "grace", "admin"]


def test_up_two_at_once(person: Person) -> None:
    """A second command on the same data folder waits for nobody: it is refused."""
    stack = person.stack()
    refused = threading.Event()

    def say(line: str) -> None:
        if line.startswith("ready") and not refused.is_set():
            with pytest.raises(StackError, match="Another command"):
                stack.reset_accounts()
            refused.set()

    LocalStack(ROOT, person.data, say).up(free_port(), _age)

    assert refused.is_set()


def test_up_after_kill(person: Person) -> None:
    """After kill -9 of the tenant, up starts it again on the same data."""
    person.stack().up(free_port(), _age)
    first = person.passwords
    _kill_tenant(person.data)
    port = free_port()

    assert person.stack().up(port, _age)
    assert _can_sign_in(f"http://127.0.0.1:{port}", "ada", first["ada"])


def test_failed_deployment_stops_the_tenant(person: Person, tmp_path: Path) -> None:
    """What can't be filled is stopped again, and the passwords are not lost."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("actors.yaml", "agave", "functions", "pyproject.toml"):
        (root / name).symlink_to(ROOT / name)
    (root / "static_site").mkdir()

    with pytest.raises(ManifestError, match="no index"):
        LocalStack(root, person.data, person.lines.append).up(free_port(), _age)

    assert not person.stack().down()
    assert person.stack().up(free_port(), _age)
    assert list(person.passwords) == ["ada", "grace", "admin"]


def test_reset_accounts_while_running(person: Person) -> None:
    """New passwords count at once, the old ones no more."""
    port = free_port()
    person.stack().up(port, _age)
    first = person.passwords

    person.stack().reset_accounts()

    url = f"http://127.0.0.1:{port}"
    assert _can_sign_in(url, "ada", person.passwords["ada"])
    assert not _can_sign_in(url, "ada", first["ada"])


def test_list_accounts(person: Person) -> None:
    """The list names the people's accounts and the way to new passwords."""
    person.stack().up(free_port(), _age)
    person.lines.clear()

    person.stack().list_accounts()

    names = [line.split()[0] for line in person.lines[:-1]]
    assert names == ["ada", "grace", "admin"]
    reset = f"./build.sh accounts --reset --data '{person.data}'"
    assert person.lines[-1] == f"  New passwords: {reset}"


@pytest.mark.parametrize("verb", ["list_accounts", "reset_accounts"])
def test_accounts_of_no_tenant(person: Person, verb: str) -> None:
    """Without a tenant there are no accounts, and asking for them makes nothing."""
    with pytest.raises(StackError, match=r"no tenant in .*my data"):
        getattr(person.stack(), verb)()

    assert not person.data.exists()


def test_reset_ends_sessions(person: Person) -> None:
    """After a reset, tokens from before it are worth nothing; new ones work."""
    port = free_port()
    person.stack().up(port, _age)
    url = f"http://127.0.0.1:{port}"
    old = _take_tokens(url, "ada", person.passwords["ada"])
    assert _profile_status(url, old["access_token"]) == 200

    person.stack().reset_accounts()

    assert _profile_status(url, old["access_token"]) == 401
    assert not _refresh(url, old).ok
    new = _take_tokens(url, "ada", person.passwords["ada"])
    assert _profile_status(url, new["access_token"]) == 200


def test_watch_tells_that_the_tenant_ended(person: Person) -> None:
    """Who watches is told when the tenant ends by itself."""
    person.stack().up(free_port(), _age)
    _kill_tenant(person.data)

    assert not person.stack().watch(threading.Event())


def test_down_of_nothing(person: Person) -> None:
    """Stopping what never ran is no error."""
    assert not person.stack().down()


def test_foreground_ends_by_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C stops the tenant and its terminals, and nothing else."""
    data, port = tmp_path / "data", free_port()
    command = [sys.executable, "-m", "agave_deploy", "--root", str(ROOT), "up"]
    command += ["--data", str(data), "--port", str(port)]
    with (
        subprocess.Popen(["sleep", "60"]) as bystander,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as up,
    ):
        assert up.stdout is not None
        for line in up.stdout:
            if line.startswith("Ctrl-C stops everything"):
                break
        _call_until_shown(f"http://127.0.0.1:{port}/ready", up.stdout)
        up.send_signal(signal.SIGINT)
        rest = up.stdout.read()

        assert up.wait() == 0
        assert "stopping the tenant" in rest
        assert bystander.poll() is None
        bystander.kill()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/ready", timeout=10)


def _call_until_shown(url: str, shown: Iterable[str]) -> None:
    """Call an address until a line of the log that is shown tells of it."""
    seen = threading.Event()

    def call() -> None:
        while not seen.wait(0.1):
            requests.get(url, timeout=10)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        assert any(line.startswith("| ") and "GET /ready" in line for line in shown)
    finally:
        seen.set()
        caller.join()


def _kill_tenant(data: Path) -> None:
    kept = json.loads((data / "run/tenant.json").read_text("utf-8"))
    tenant = find_process(kept["pid"])
    os.kill(kept["pid"], signal.SIGKILL)
    while tenant is not None and tenant.is_alive():
        time.sleep(0.01)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a way to run the command and read what it says."""

    def run_command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--root", str(ROOT), *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return run_command


def test_command_line(run: Run, tmp_path: Path) -> None:
    """The commands of a person, one after the other."""
    data = ("--data", tmp_path / "data")
    profile = ("--profile", tmp_path / "data/run/profile.yaml")

    assert run("up", "--detach", "--port", free_port(), *data)[0] == 0
    assert run("up", "--detach", *data)[1].startswith("The tenant of this data")
    assert run("plan", *profile) == (0, "nothing to do\n", "")
    code, out, err = run("status", *profile)
    assert (code, out.splitlines()[-1], err) == (0, "nothing to do", "")
    assert run("apply", *profile) == (0, "nothing to do\n", "")
    assert "ada" in run("accounts", *data)[1]
    assert "not shown again" in run("accounts", "--reset", *data)[1]
    (tmp_path / "data/secrets/session-key").unlink()
    code, out, err = run("status", *profile)
    assert (code, out.splitlines()[-1], err) == (1, "1 step to do", "")
    assert "~ secret config dev-session-key" in run("plan", *profile)[1]
    assert "~ secret config dev-session-key" in run("apply", *profile)[1]
    assert run("down", *data)[1].endswith("stopped\n")
    assert run("down", *data) == (0, "there was nothing to stop\n", "")
    code, _, err = run("status", *profile)
    assert (code, "is it running?" in err) == (1, True)


def test_command_line_errors(run: Run, tmp_path: Path) -> None:
    """An error is one sentence for a person, and the exit code 1."""
    code, out, err = run("plan", "--profile", tmp_path / "no.yaml")

    assert (code, out) == (1, "")
    assert err.startswith("agave-deploy: The profile no.yaml can't be read")


def test_command_line_unusable_folder(run: Run, tmp_path: Path) -> None:
    """A data folder that can't be made is one sentence, not a trace."""
    (tmp_path / "file").write_text("in the way", "utf-8")

    code, out, err = run("up", "--data", tmp_path / "file" / "data")

    assert (code, out) == (1, "")
    assert "Not a directory" in err


@pytest.mark.parametrize("port", ["0", "65536", "abc", "-1", "8_0", "٣", "9" * 5000])
def test_command_line_bad_port(
    run: Run, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no port is refused at once, and the range is named."""
    with pytest.raises(SystemExit):
        run("up", f"--port={port}")

    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_command_line_program(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors are signed by the program that the person started."""
    absent = ("--program", "build.sh", "accounts", "--data", tmp_path / "no")

    code, _, err = run(*absent)

    assert (code, err.startswith("build.sh: There is no tenant")) == (1, True)
    assert not (tmp_path / "no").exists()
    with pytest.raises(SystemExit):
        run("--program", "build.sh", "up", "--port", "x")
    assert "build.sh up: error:" in capsys.readouterr().err


def test_command_line_doctor(run: Run) -> None:
    """The doctor tells of each component."""
    code, out, _ = run("doctor")

    assert code == 0
    assert "bubblewrap" in out


def test_command_line_doctor_engine(run: Run) -> None:
    """The doctor asks the engine that it is told of."""
    code, out, _ = run("doctor", "--engine", "unix:///no.sock")

    assert code == 0
    assert "The engine unix:///no.sock does not answer" in out
