"""What has come through a channel and was not taken yet, and no more than may come.

A machine may send as much as its window allows; paramiko keeps whatever comes, so that
one that takes no notice of the window could fill our memory.
"""

from typing import Final

import paramiko
from paramiko.buffered_pipe import BufferedPipe

__all__ = ["MOST_WAITING", "narrow"]

# Twice the window that paramiko gives.
MOST_WAITING: Final = 4 << 20


class _NarrowPipe(BufferedPipe):  # type: ignore[type-arg]  # generic in stubs alone
    def feed(self, data: bytes | str) -> None:
        """Take more, or end the connection."""
        if len(self) + len(data) > MOST_WAITING:
            raise paramiko.SSHException("the machine sends more than it may")
        super().feed(data)


def narrow(channel: paramiko.Channel) -> None:
    """Let no more wait in a channel than fits into its window.

    Args:
        channel: New; nothing was asked for yet, so nothing has come.
    """
    channel.in_buffer = _NarrowPipe()
    channel.in_stderr_buffer = _NarrowPipe()
    if channel.closed or channel.eof_received:
        # The end came first.
        channel.in_buffer.close()
        channel.in_stderr_buffer.close()
