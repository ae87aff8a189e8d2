"""A full run of the product on a tenant of its own, and all that it leaves behind."""

import html
import io
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.cli import main
from agave_deploy.local_stack.local import LocalStack
from agave_deploy.local_stack.local_profile import TerminalChoice
from agave_deploy.local_stack.stack import Stack
from agave_deploy.profiles.vault import Vault
from sshlink.testing import free_port

from .watching import SERVE, Sampler, Seen, read_seen, write_spies

ROOT = Path(__file__).parents[4]
SOURCE = b'#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
_ACCOUNT = re.compile(r"^  (?:user|administrator) +(\w+) +(\S+)$", re.MULTILINE)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_PATIENCE_S = 60
_WRONG = {
    f"wrong {name}": f"wrong-{name}-{os.urandom(12).hex()}"
    for name in ("password", "token")
}

_HOST_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
)
_CLUSTER = """
name: cluster
label: A cluster
description: Nobody is there.
scheduler: SLURM
login:
  protocol: SSH
  host: 127.0.0.1
  port: 1
  user: ipt
  host_key: {host_key}
  credential: cluster
folders:
  scratch: /scratch/ipt
compilers:
  - label: C
    command: gcc
    for: serial
    language: c
queues:
  - name: short
    default: true
    max_nodes: 1
    max_processors: 2
    max_run_time: "00:30:00"
    max_memory: 1GB
"""


def make_key() -> str:
    """Return a new private key, as people keep it in a file."""
    key = Ed25519PrivateKey.generate()
    made = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return made.decode()


@dataclass
class FullRun:
    """What a run did and left.

    Attributes:
        data: folder of the tenant.
        spies: folder of the programs that note environments.
        secrets: all that is secret, by name.
        said: each text that somebody got to see, by where.
        seen: what each function saw: its name, environment and arguments.
        processes: command lines and environments of processes.
    """

    data: Path
    spies: Path
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    said: dict[str, str] = field(default_factory=dict, repr=False)
    seen: list[Seen] = field(default_factory=list, repr=False)
    processes: dict[str, set[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._lines: list[str] = []
        self._session = requests.Session()
        self._session.trust_env = False
        command = [sys.executable, "-c", SERVE, str(self.spies)]
        self._stack = LocalStack(
            ROOT,
            self.data,
            self._lines.append,
            stack=Stack(ROOT, self.data, command),
            is_root=lambda: False,
        )

    def prepare(self) -> None:
        """Write the spies, and the secrets that an operator brings."""
        write_spies(self.spies, read_manifest(ROOT).functions)
        (self.data / "systems").mkdir(parents=True, mode=0o700)
        (self.data / "systems/cluster.yaml").write_text(
            _CLUSTER.format(host_key=_HOST_KEY)
        )
        self.secrets |= {"ssh key": make_key(), "key of a system": make_key()}
        self.secrets |= _WRONG
        vault = Vault(self.data / "secrets")
        vault.write("ssh-key", self.secrets["ssh key"])
        vault.write("cluster", self.secrets["key of a system"])

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the stack up meanwhile, and everything that happens watched."""
        sampler = Sampler()
        sampler.start()
        try:
            self._stack.up(
                free_port(), lambda: 0.0, TerminalChoice("process"), slurm="off"
            )
            self._url = f"http://127.0.0.1:{self._stack_port()}"
            self._know_secrets()
            yield
            self._deploy_again()
            self._read_the_tenant()
        finally:
            self._stack.down()
            sampler.stop()
            self.processes = sampler.seen
        self.said["up"] = "\n".join(self._lines)
        self.seen = read_seen(self.spies)
        tokens = {seen["_abaco_access_token"] for _, seen, _ in self.seen}
        for number, token in enumerate(sorted(tokens)):
            self.secrets[f"token {number} of the platform"] = token

    def work(self) -> None:
        """Do what people do, and what they should not."""
        self._sign_in("ada")
        self._work_as_ada()
        self._look_as_admin()
        self._try_what_is_refused()
        self._sign_in("grace")
        self._sign_out("grace")

    def _stack_port(self) -> int:
        kept = json.loads((self.data / "run/tenant.json").read_text("utf-8"))
        return int(kept["port"])

    def _know_secrets(self) -> None:
        vault = Vault(self.data / "secrets")
        passwords = dict(_ACCOUNT.findall("\n".join(self._lines)))
        self.secrets |= {f"password of {name}": one for name, one in passwords.items()}
        self.secrets["password of ipt"] = str(vault.read("service-account"))
        self.secrets["client secret"] = vault.read_object("oauth-client")["secret"]
        self.secrets["session key"] = vault.session_key()
        self.secrets["ticket key"] = vault.ticket_key()
        self.secrets["key of systems"] = str(vault.read("systems.key"))
        self.secrets["nonce"] = vault.read_object("nonces")["dev-auth-callback"]

    def _sign_in(self, name: str) -> None:
        place = self._call("auth-callback", "GET", "/authorize")
        browser = requests.Session()
        browser.trust_env = False
        page = browser.get(place["url"], timeout=30)
        form = {key: html.unescape(one) for key, one in _HIDDEN.findall(page.text)}
        form |= {"username": name, "password": self.secrets[f"password of {name}"]}
        target = page.url.partition("?")[0]
        sent = browser.post(
            target, data=form | {"action": "allow"}, allow_redirects=False, timeout=30
        )
        back = parse_qs(urlsplit(sent.headers["Location"]).query)
        code, state = back["code"][0], back["state"][0]
        body = self._call(
            "auth-callback", "POST", "/sessions", body={"code": code, "state": state}
        )
        fresh = self._call(
            "auth-callback",
            "POST",
            "/sessions/refresh",
            body={"session": body["session"]},
        )
        self.secrets |= {
            f"code of {name}": code,
            f"session of {name}": body["session"],
            f"first token of {name}": body["access_token"],
            f"token of {name}": fresh["access_token"],
        }

    def _sign_out(self, name: str) -> None:
        session = {"session": self.secrets[f"session of {name}"]}
        self._call("auth-callback", "DELETE", "/sessions", body=session)

    def _work_as_ada(self) -> None:
        self._send("terminal", {"command": "START"}, "ada")
        ticket = self._call("webterm", "GET", "/webterm", "ada")["ticket"]
        self.secrets["ticket"] = ticket
        body = {"path": "", "name": "hello.c", "size": len(SOURCE)}
        target = self._call("files", "POST", "/uploads", "ada", body=body)
        self._session.post(
            target["url"],
            headers=self._headers("ada"),
            files={target["field"]: ("hello.c", SOURCE)},
            timeout=30,
        ).raise_for_status()
        self._call("files", "GET", "/files", "ada")
        program = {"paths": ["hello.c"], "report": False}
        self.said["parallelize"] = json.dumps(
            self._call("parallelize", "POST", "/parallelize", "ada", body=program)
        )
        job = {"kind": "compile", "request_id": "compile-1", "system": "local"}
        job |= {"command": "gcc -O2", "source": "hello.c", "output": "hello"}
        made = self._call("job-submit", "POST", "/jobs", "ada", body=job)["id"]
        deadline = time.monotonic() + _PATIENCE_S
        while self._call("jobs", "GET", f"/jobs/{made}", "ada")["status"] not in {
            "FINISHED",
            "FAILED",
        }:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        self.said["job"] = self._get(f"/jobs/v2/{made}", "ada")
        self.said["jobs"] = json.dumps(self._call("jobs", "GET", "/jobs", "ada"))
        self._send("terminal", {"command": "STOP"}, "ada")

    def _look_as_admin(self) -> None:
        name, password = "admin", self.secrets["password of admin"]
        self.secrets["token of admin"] = self._take_token(name, password)
        self._call("culler", "POST", "/sweep", name, wrong=True)
        self._call("admin", "GET", "/terminals", name, wrong=True)

    def _try_what_is_refused(self) -> None:
        token = self.secrets["wrong token"]
        message = {
            "method": "GET",
            "path": "/files",
            "authorization": f"Bearer {token}",
        }
        answer = self._post("files", message, self._headers("ada"))
        self.said["refused by the function"] = answer.text
        answer = self._post("files", message, {"Authorization": f"Bearer {token}"})
        self.said["refused by the tenant"] = answer.text
        answer = self._session.get(
            f"{self._url}/clients/v2", auth=("ada", self.secrets["wrong password"])
        )
        self.said["refused password"] = answer.text
        answer = self._session.post(
            f"{self._url}/actors/v2/dev-files/messages?x-nonce={token}", json=message
        )
        self.said["refused nonce"] = answer.text
        bodies: dict[str, dict[str, Any]] = {
            "/sessions": {"code": token, "state": token},
            "/sessions/refresh": {"session": token},
        }
        for path, body in bodies.items():
            told = {"method": "POST", "path": path, "body": body}
            answer = self._post("auth-callback", told, {}, with_nonce=True)
            self.said[f"refused {path}"] = answer.text
        told = {"method": "GET", "path": f"/{token}", "query": {token: token}}
        self.said["no such route"] = self._post("jobs", told, self._headers("ada")).text

    def _read_the_tenant(self) -> None:
        """Read all that users, and the service account, may read."""
        for name in ("ada", "admin"):
            for path in (
                "/meta/v2/data?limit=500&q={}",
                "/meta/v2/schemas",
                "/actors/v2",
                "/actors/v2/configs",
                "/systems/v2?limit=50",
                "/apps/v2?limit=50",
                "/jobs/v2",
                "/profiles/v2",
            ):
                self.said[f"{path} of {name}"] = self._get(path, name)
        service = "ipt"
        password = self.secrets["password of ipt"]
        self.secrets["token of ipt"] = self._take_token(service, password)
        for actor in json.loads(self._get("/actors/v2", service))["result"]:
            place = f"/actors/v2/{actor['id']}/executions"
            name = actor["name"]
            self.said[f"executions of {name}"] = self._get(place, service)
            done = json.loads(self.said[f"executions of {name}"])["result"]
            for one in done["executions"]:
                for more in ("", "/logs"):
                    text = self._get(f"{place}/{one['id']}{more}", service)
                    self.said[f"{name}, execution {one['id']}{more}"] = text
        self.said["metrics"] = self._session.get(f"{self._url}/metrics").text

    def _deploy_again(self) -> None:
        """Change secrets as an operator does, and keep what the deployer says."""
        self.secrets["second ssh key"] = make_key()
        vault = Vault(self.data / "secrets")
        vault.write("ssh-key", self.secrets["second ssh key"])
        for command in ("plan", "apply", "status", "rotate-secret session-key", "plan"):
            self._deploy(command)
        keys = {*re.findall(r"[\w=-]{40,}", str(vault.read("session-key")))}
        (new,) = keys - {self.secrets["session key"]}
        self.secrets["second session key"] = new

    def _deploy(self, command: str) -> None:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            program = ["--root", str(ROOT), *command.split(), "--data", str(self.data)]
            main(program)
        self.said[f"agave-deploy {command} ({len(self.said)})"] = out.getvalue()

    def _take_token(self, name: str, password: str) -> str:
        client = self._session.post(
            f"{self._url}/clients/v2",
            auth=(name, password),
            data={"clientName": f"looks-{name}"},
        ).json()["result"]
        self.secrets[f"client secret of {name}"] = client["consumerSecret"]
        form = {"grant_type": "password", "username": name, "password": password}
        tokens = self._session.post(
            f"{self._url}/token",
            auth=(client["consumerKey"], client["consumerSecret"]),
            data=form | {"scope": "PRODUCTION"},
        ).json()
        self.secrets[f"refresh token of {name}"] = tokens["refresh_token"]
        return str(tokens["access_token"])

    def _headers(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[f'token of {name}']}"}

    def _get(self, path: str, name: str) -> str:
        return self._session.get(
            f"{self._url}{path}", headers=self._headers(name), timeout=30
        ).text

    def _post(
        self,
        function: str,
        message: dict[str, Any],
        headers: dict[str, str],
        *,
        with_nonce: bool = False,
    ) -> requests.Response:
        query = {"_abaco_synchronous": "true"}
        if with_nonce:
            query["x-nonce"] = self.secrets["nonce"]
        return self._session.post(
            f"{self._url}/actors/v2/dev-{function}/messages",
            params=query,
            json=message,
            headers=headers,
            timeout=60,
        )

    def _send(self, function: str, message: dict[str, Any], name: str = "") -> Any:
        headers = self._headers(name) if name else {}
        answer = self._post(function, message, headers, with_nonce=not name)
        return answer.json()

    def _call(
        self,
        function: str,
        method: str,
        path: str,
        name: str = "",
        *,
        body: dict[str, Any] | None = None,
        wrong: bool = False,
    ) -> Any:
        message: dict[str, Any] = {"method": method, "path": path, "body": body or {}}
        if name:
            token = self.secrets[f"token of {name}"]
            message["authorization"] = f"Bearer {token}"
        answer = self._send(function, message, name)
        assert wrong or answer["status"] < 400, answer
        return answer["body"]
