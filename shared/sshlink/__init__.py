"""One signed-in SSH connection: commands and files on a machine whose key is known.

    SshLink (link.py)         signs in; the only door to `paramiko`
    ├── keys.py               the machine's pinned key, and ours
    ├── pipes.py              what has come and was not taken, within bounds
    ├── sessions.py           its channels, of which a server allows few
    │   ├── commands.py       one command, from its input to how it ended
    │   └── files.py          files over SFTP, many requests under way at once
    │       ├── batches.py    many small ones at once
    │       └── talk.py, packets.py    SFTP itself
    └── errors.py             what can go wrong, four words for all of it

The machine must show the one key that it is known by, and is signed in to with one
private key or one password.  Nothing of whoever runs this counts: no known_hosts, no
agent, no `~/.ssh`.  Every call ends in the time it is given.
"""

from .batches import MOST_AT_ONCE, SMALL, NewFile, read_all, write_all
from .commands import Output, execute
from .errors import BadKey, SshError, SshKeyChanged, SshRefused, SshSilent
from .files import SshFiles
from .keys import (
    HOST_KEY_KINDS,
    Password,
    PrivateKey,
    read_host_key,
    read_private_key,
)
from .link import SSH_PORT, Channel, Dial, Patience, SshAddress, SshLink, dial
from .packets import Attributes, Open
from .sessions import Sessions, SshBusy
from .talk import SshFileError

__all__ = [
    "HOST_KEY_KINDS",
    "MOST_AT_ONCE",
    "SMALL",
    "SSH_PORT",
    "Attributes",
    "BadKey",
    "Channel",
    "Dial",
    "NewFile",
    "Open",
    "Output",
    "Password",
    "Patience",
    "PrivateKey",
    "Sessions",
    "SshAddress",
    "SshBusy",
    "SshError",
    "SshFileError",
    "SshFiles",
    "SshKeyChanged",
    "SshLink",
    "SshRefused",
    "SshSilent",
    "dial",
    "execute",
    "read_all",
    "read_host_key",
    "read_private_key",
    "write_all",
]
