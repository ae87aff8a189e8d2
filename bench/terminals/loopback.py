"""What the way itself costs: a WebSocket on loopback that answers without a terminal.

It is no figure of anybody's: it tells how much of the others is the client, the
loopback interface and the kernel's switching.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.terminals.wire import BINARY, Wire

# Answers each frame with one byte; the client's frames of one byte have seven.
_ANSWER = """
import socket, threading
def serve(peer):
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n")
    while peer.recv(7):
        peer.sendall(b"\\x82\\x01x")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    peer = listener.accept()[0]
    threading.Thread(target=serve, args=(peer,), daemon=True).start()
"""


@contextmanager
def loopback() -> Iterator[str]:
    """Run the server in a process of its own; give its address."""
    server = subprocess.Popen(
        [sys.executable, "-I", "-c", _ANSWER], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None  # noqa: S101 - it is a pipe
    try:
        yield f"ws://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.communicate()


def measure_way(url: str, number: int, pause_s: float = 0.008) -> list[float]:
    """Return the milliseconds of each of a number of echoes."""
    wire = Wire(url)
    times = []
    for _ in range(number):
        time.sleep(pause_s)
        began = time.perf_counter()
        wire.send(BINARY, b"k")
        wire.receive()
        times.append(1000 * (time.perf_counter() - began))
    wire.close()
    return times


def measure_connect(url: str) -> float:
    """Return the milliseconds from connecting to the first byte."""
    began = time.perf_counter()
    wire = Wire(url)
    wire.send(BINARY, b"k")
    wire.receive()
    taken = 1000 * (time.perf_counter() - began)
    wire.close()
    return taken
