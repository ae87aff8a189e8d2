"""Round trip of a synchronous message to the function `webterm`.

`python bench/functions.py [--messages N]` serves a tenant of its own on a free port,
registers what the function needs through the public API, and measures on one
connection. Two floors are measured in the same run: an empty handler on the same
WSGI server, which is what HTTP costs here, and one fork, exit and wait of a warm
process, which is what a process for each message costs. The least that a message can
take is the two together.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.stage import empty_server

WARM_UP = 50
PATIENCE_S = 30.0
PASSWORD = "only for this benchmark"  # noqa: S105 - of accounts that are gone with it
_AGAVE_LOCAL = "import sys; from agave_local.cli import main; sys.exit(main())"
Sample = list[float]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=500, help="after the warm-up")
    number = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder)
        with _tenant(data) as base_url:
            messages = _measure(_message_sender(base_url, data), number)
    with empty_server() as (host, port):
        empty = _measure(_empty_caller(f"http://{host}:{port}/"), number)
    forks = _measure(_fork_and_wait, number)
    _print(messages, empty, forks)
    return 0


def _measure(act: Callable[[], None], number: int) -> Sample:
    sample = []
    for turn in range(WARM_UP + number):
        began = time.perf_counter()
        act()
        if turn >= WARM_UP:
            sample.append(1000 * (time.perf_counter() - began))
    return sample


def _print(messages: Sample, empty: Sample, forks: Sample) -> None:
    floor = statistics.median(empty) + statistics.median(forks)
    print(
        f"{len(messages)} messages after {WARM_UP} of warm-up, {os.cpu_count()} cores"
    )
    print(f"{'':<34}{'p50 ms':>9}{'p95 ms':>9}{'p50 / floor':>13}")
    for name, sample in (
        ("synchronous message to webterm", messages),
        ("floor: empty handler, same server", empty),
        ("floor: fork, exit, wait", forks),
    ):
        p50 = statistics.median(sample)
        p95 = statistics.quantiles(sample, n=20)[-1]
        print(f"{name:<34}{p50:>9.2f}{p95:>9.2f}{p50 / floor:>13.1f}")
    print(f"{'both floors together':<34}{floor:>9.2f}")


@contextmanager
def _tenant(data: Path) -> Iterator[str]:
    """Serve a tenant with a service account and a user; yield its address."""
    command = [sys.executable, "-c", _AGAVE_LOCAL]
    for name, role in (("ipt", "service"), ("ada", "user")):
        subprocess.run(
            [
                *(*command, "accounts", "add", name, "--role", role),
                *("--password-stdin", "--data", str(data)),
            ],
            input=PASSWORD,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    images = data / "images.json"
    images.write_text(json.dumps({"ipt/webterm": "functions.webterm"}))
    port = _free_port()
    base_url = f"http://127.0.0.1:{port}"
    with (data / "tenant.log").open("w") as log:
        served = subprocess.Popen(
            [
                *(*command, "serve", "--data", str(data), "--port", str(port)),
                *("--images", str(images)),
            ],
            stderr=log,
        )
        try:
            _wait_until(lambda: _answers(base_url))
            yield base_url
        finally:
            served.terminate()
            served.wait(PATIENCE_S)


def _message_sender(base_url: str, data: Path) -> Callable[[], None]:
    """Register the function, give its user a terminal's record; return what asks."""
    service = _sign_in(base_url, "ipt")
    actor = service.post(
        f"{base_url}/actors/v2",
        json={"image": "ipt/webterm", "hints": ["sync"], "token": True},
    ).json()["result"]["id"]
    address = f"{base_url}/actors/v2/{actor}"
    key = Ed25519PrivateKey.generate()
    _add_configs(service, base_url, actor, key, data)
    service.post(
        f"{address}/permissions", json={"user": "ada", "level": "EXECUTE"}
    ).raise_for_status()
    record = {
        "name": "ada-dev-IPT",
        "user": "ada",
        "status": "READY",
        "url": "ws://127.0.0.1:1/",
        "launch": "bench",
    }
    service.post(
        f"{base_url}/meta/v2/data", json={"name": record["name"], "value": record}
    ).raise_for_status()
    _wait_until(lambda: service.get(address).json()["result"]["status"] == "READY")
    user = _sign_in(base_url, "ada")
    message = {"method": "GET", "path": "/webterm", "query": {"origin": base_url}}

    def ask() -> None:
        answer = user.post(f"{address}/messages?_abaco_synchronous=true", json=message)
        if answer.json()["body"].get("status") != "READY":
            raise SystemExit(f"webterm answered {answer.text}")

    return ask


def _add_configs(
    service: requests.Session,
    base_url: str,
    actor: str,
    key: Ed25519PrivateKey,
    data: Path,
) -> None:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = (
        key.public_key()
        .public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        .decode()
    )
    settings = {
        "instance": "dev",
        "site_origin": base_url,
        "callback_url": f"{base_url}/callback",
        "storage_system": "ipt.storage",
        "admin_users": [],
        "systems": [],
        "functions": [],
        "terminal_host": "process",
        "terminal_home_root": str(data / "storage"),
        "terminal_dir": str(data / "terminals"),
        "ticket_public_key": public,
        "ipt_python": sys.executable,
        "service_account": "ipt",
    }
    for name, value, secret in (
        ("dev-settings", json.dumps(settings), False),
        ("dev-ticket-key", private, True),
    ):
        service.post(
            f"{base_url}/actors/v2/configs",
            json={"name": name, "value": value, "isSecret": secret, "actors": actor},
        ).raise_for_status()


def _sign_in(base_url: str, username: str) -> requests.Session:
    """Return a session of a user, by a client and a password as everybody's."""
    session = requests.Session()
    session.trust_env = False
    client = session.post(
        f"{base_url}/clients/v2",
        auth=(username, PASSWORD),
        data={
            "clientName": f"bench-{time.time_ns()}",
            "callbackUrl": "http://127.0.0.1/",
        },
    ).json()["result"]
    grant = session.post(
        f"{base_url}/token",
        auth=(client["consumerKey"], client["consumerSecret"]),
        data={
            "grant_type": "password",
            "username": username,
            "password": PASSWORD,
            "scope": "PRODUCTION",
        },
    ).json()
    session.headers["Authorization"] = f"Bearer {grant['access_token']}"
    return session


def _empty_caller(address: str) -> Callable[[], None]:
    session = requests.Session()
    session.trust_env = False

    def call() -> None:
        session.post(address, json={}).raise_for_status()

    return call


def _fork_and_wait() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answers(base_url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit("The tenant did not become ready in time.")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
