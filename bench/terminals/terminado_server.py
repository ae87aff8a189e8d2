"""A terminado server: `python -m bench.terminals.terminado_server '["/bin/bash"]'`.

It prints its port.  Terminals below `/unique` end with their connection, as its own
example has it; those below `/named/…` can be opened again, as Jupyter has it.
"""

import asyncio
import json
import signal
import sys

from terminado.management import NamedTermManager, UniqueTermManager
from terminado.websocket import TermSocket
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application


async def serve(argv: list[str]) -> None:
    """Serve until told to stop."""
    unique = UniqueTermManager(shell_command=argv)
    named = NamedTermManager(shell_command=argv)
    application = Application(
        [
            (r"/(unique)", TermSocket, {"term_manager": unique}),
            (r"/named/(\w+)", TermSocket, {"term_manager": named}),
        ]
    )
    (socket,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(application)
    server.add_socket(socket)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(socket.getsockname()[1], flush=True)
    await stop.wait()
    server.stop()
    await asyncio.gather(unique.shutdown(), named.shutdown())


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
