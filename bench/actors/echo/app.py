"""What the tenant imports once, before it forks."""

import os
import socket
import time


def main() -> None:
    """Send the message back; sleep first where the message is a number of seconds."""
    message = os.environ["MSG"]
    if message.isdecimal():
        time.sleep(int(message))
    address = os.environ["_abaco_results_socket"]  # noqa: SIM112 - Abaco's name for it
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as results:
        results.connect(address)
        results.send(message.encode())
