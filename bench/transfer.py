"""How fast a large file goes into and out of the tenant.

`python bench/transfer.py [--size MIB] [--rounds N] [--data DIR]` serves a tenant of
its own on a free port and sends it one file, then fetches it. The floor is measured
in the same run, turn about with the tenant: a bare socket server that writes what it
receives to a file (`recv_into`, 1 MiB) and sends files with `sendfile`. Both are
called by the same client code, over the loopback interface and on the same disk.
"""

import argparse
import http.client
import multiprocessing
import os
import secrets
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from agave_local.call import SERVICE_ROLE, Identity
from agave_local.testing import served_agave

MIB = 1 << 20
STORAGE = "bench.storage"
PATIENCE_S = 60.0
WARM_UP = 1
_KEPT = f"data/storage/{STORAGE}/bench/sent"
_BOUNDARY = secrets.token_hex(16)  # as `requests` makes them
_SERVICE = Identity("ipt", frozenset({SERVICE_ROLE}))


@dataclass
class Rates:
    """What one kind of transfer reached, in MiB/s, turn by turn."""

    tenant: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median of each turn of the tenant to that of the floor just before."""
        pairs = zip(self.tenant, self.floor, strict=True)
        return statistics.median(tenant / floor for tenant, floor in pairs)

    @property
    def best_ratio(self) -> float:
        """The tenant's best turn to the floor's: the machine may be shared."""
        return max(self.tenant) / max(self.floor)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="of the file, in MiB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="folder on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.data) as name:
        folder = Path(name)
        _fill(folder / "sent", options.size)
        up, down = Rates(), Rates()
        with (
            _child(_serve_tenant, folder) as tenant,
            _child(_serve_floor, folder) as (floor, _),
        ):
            for turn in range(WARM_UP + options.rounds):
                _forget(folder)
                up.floor.append(_timed(options.size, _floor_upload, floor, folder))
                _forget(folder)
                up.tenant.append(_timed(options.size, _upload, tenant[0], folder))
                down.floor.append(_timed(options.size, _floor_download, floor, folder))
                down.tenant.append(_timed(options.size, _download, tenant[0], folder))
                if turn < WARM_UP:
                    up, down = Rates(), Rates()
            memory = _memory(tenant[1])
        _print(options.size, up, down, memory)
    return 0


def _print(size: int, up: Rates, down: Rates, memory: tuple[int, int]) -> None:
    print(f"one file of {size} MiB, {os.cpu_count()} cores; MiB/s")
    titles = (("best", 8), ("median", 8), ("floor", 8), ("median", 8))
    ratios = (("best/best", 11), ("turns", 8))
    line = "".join(f"{title:>{width}}" for title, width in (*titles, *ratios))
    print(f"{'':<12}{line}")
    for name, rates in (("upload", up), ("download", down)):
        print(
            f"{name:<12}{max(rates.tenant):>8.0f}"
            f"{statistics.median(rates.tenant):>8.0f}"
            f"{max(rates.floor):>8.0f}{statistics.median(rates.floor):>8.0f}"
            f"{rates.best_ratio:>11.0%}{rates.ratio:>8.0%}"
        )
    print(f"tenant's memory: {memory[0]} MiB now, {memory[1]} MiB at most")


def _fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _ in range(size):
            file.write(os.urandom(MIB))


def _forget(folder: Path) -> None:
    """Remove what was kept, so that every turn writes a new file."""
    for path in (folder / "kept", folder / _KEPT):
        path.unlink(missing_ok=True)


Transfer = Callable[[str, Path], None]


def _timed(size: int, transfer: Transfer, address: str, folder: Path) -> float:
    # Whatever an earlier turn left to the disk would be paid for by this one.
    os.sync()
    began = time.perf_counter()
    transfer(address, folder)
    return size / (time.perf_counter() - began)


def _connect(address: str) -> socket.socket:
    host, _, port = address.partition("|")[0].rpartition(":")
    return socket.create_connection((host, int(port)), PATIENCE_S)


def _upload(address: str, folder: Path) -> None:
    token = address.partition("|")[2]
    path = folder / "sent"
    before = (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; "
        'name="fileToUpload"; filename="sent"\r\n\r\n'
    ).encode()
    after = f"\r\n--{_BOUNDARY}--\r\n".encode()
    length = len(before) + path.stat().st_size + len(after)
    head = (
        f"POST /files/v2/media/system/{STORAGE}/bench HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    with _connect(address) as connection, path.open("rb") as file:
        connection.sendall(head.encode() + before)
        connection.sendfile(file)
        connection.sendall(after)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        if answer.status != http.client.ACCEPTED:
            raise SystemExit(answer.read().decode())


def _download(address: str, folder: Path) -> None:
    token = address.partition("|")[2]
    asked = (
        f"GET /files/v2/media/system/{STORAGE}/bench/sent HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    with _connect(address) as connection:
        connection.sendall(asked.encode())
        buffer = bytearray()
        while b"\r\n\r\n" not in buffer:
            buffer += connection.recv(512)
        head, _, begun = bytes(buffer).partition(b"\r\n\r\n")
        if b" 200 " not in head[:20]:
            raise SystemExit(head.decode())
        size = (folder / "sent").stat().st_size
        _keep(connection, folder / "fetched", size - len(begun), begun)


def _floor_upload(address: str, folder: Path) -> None:
    path = folder / "sent"
    with _connect(address) as connection, path.open("rb") as file:
        connection.sendall(b"U" + path.stat().st_size.to_bytes(8, "big"))
        connection.sendfile(file)
        connection.recv(1)


def _floor_download(address: str, folder: Path) -> None:
    with _connect(address) as connection:
        connection.sendall(b"D" + bytes(8))
        _keep(connection, folder / "fetched", (folder / "sent").stat().st_size)


def _keep(source: socket.socket, path: Path, size: int, begun: bytes = b"") -> None:
    """Write what comes to a file, as a client does that fetches one."""
    buffer = memoryview(bytearray(MIB))
    path.unlink(missing_ok=True)
    with path.open("wb", buffering=0) as file:
        file.write(begun)
        while size:
            count = source.recv_into(buffer)
            if not count:
                raise SystemExit("the connection ended early")
            file.write(buffer[:count])
            size -= count


@contextmanager
def _child(
    serve: Callable[[Path, Connection], None], folder: Path
) -> Iterator[tuple[str, int]]:
    """Run a server in a process of its own; yield its address and process id."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(folder, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        ours.send(None)
        process.join(1)
        process.kill()


def _serve_tenant(folder: Path, pipe: Connection) -> None:
    with served_agave(folder / "data") as agave:
        systems = agave.tenant.systems
        storage = {"host": "localhost", "protocol": "LOCAL"}
        systems.add(
            _SERVICE,
            {"id": STORAGE, "name": "bench", "type": "STORAGE", "storage": storage},
        )
        systems.set_public(_SERVICE, STORAGE, public=True)
        caller = agave.client("bench")
        caller.get(f"/files/v2/listings/system/{STORAGE}/bench").raise_for_status()
        address = agave.base_url.removeprefix("http://")
        pipe.send(f"{address}|{caller.token}")
        pipe.recv()


def _serve_floor(folder: Path, pipe: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    pipe.send(f"127.0.0.1:{listener.getsockname()[1]}")
    while True:
        connection, _ = listener.accept()
        with connection:
            word = connection.recv(9, socket.MSG_WAITALL)
            if word[:1] == b"U":
                size = int.from_bytes(word[1:], "big")
                _keep(connection, folder / "kept", size)
                connection.sendall(b".")
            else:
                with (folder / "sent").open("rb") as file:
                    connection.sendfile(file)


def _memory(pid: int) -> tuple[int, int]:
    """Return a process's resident memory, now and at most, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    values = dict(line.split(":", 1) for line in lines)
    now, most = (int(values[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


if __name__ == "__main__":
    sys.exit(main())
