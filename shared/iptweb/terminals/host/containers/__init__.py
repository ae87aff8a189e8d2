"""Terminals in containers, on this machine's engine or on an execution host's.

    DockerHost (host.py)      the `Host`: who comes second gets the first one's terminal
    ├── place.py              what one engine needs: this machine, or one over SSH
    │   ├── engine.py         the Docker SDK, typed; the only importer of `docker`
    │   ├── ssh.py            signed in to an execution host: `sshlink`
    │   ├── channel.py        HTTP over an SSH channel
    │   ├── door.py           the listening socket is handed over on this machine …
    │   ├── far_door.py       … or on an execution host, by a container of its own
    │   └── homes.py, far_homes.py    the user's folder, and whose it is
    ├── order.py              everything that a container is told
    └── ready.py              whether a terminal answers

Not imported by `iptweb.terminals.host`: the SDKs take a while to load, and where there
is no engine nobody needs them.
"""

from .host import DockerHost

__all__ = ["DockerHost"]
