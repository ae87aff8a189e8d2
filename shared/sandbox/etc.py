"""The few files of /etc that are made rather than shared: who and where am I.

The machine's own `passwd` would name everybody who has an account on it.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .mounts import Bind

if TYPE_CHECKING:
    from collections.abc import Iterable

# What useradd takes; anything else could start a second field or line.
UNIX_NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}", re.ASCII)


def write_etc(
    folder: Path,
    *,
    user: str,
    home: str,
    uid: int = 1000,
    gid: int = 1000,
    hostname: str = "ipt",
    also: "Iterable[Path]" = (),
) -> tuple[Bind, ...]:
    """Write passwd, group and hosts into a folder and return how to mount them.

    Args:
        folder: Where the files are kept; made if it is missing.
        user: Name to show for the sandbox's only account; `ipt` where it is
            not a Unix user name.
        home: The account's home inside.
        uid: The account's number inside.
        gid: Its group's number.
        hostname: What the sandbox calls itself.
        also: Further files, each of which appears in /etc under its own name.

    Raises:
        OSError: The files can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = user if UNIX_NAME.fullmatch(user) else "ipt"
    texts = {
        "passwd": f"{name}:x:{uid}:{gid}::{home}:/bin/bash\n",
        "group": f"{name}:x:{gid}:\n",
        "hosts": f"127.0.0.1 localhost {hostname}\n::1 localhost\n",
    }
    for file_name, text in texts.items():
        (folder / file_name).write_text(text, encoding="utf-8")
        (folder / file_name).chmod(0o644)
    made = (folder / file_name for file_name in texts)
    return tuple(Bind(file, Path("/etc") / file.name) for file in (*made, *also))
