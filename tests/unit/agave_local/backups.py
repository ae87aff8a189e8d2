"""A folder of a tenant to be backed up."""

import os
from pathlib import Path

from agave_local.records.store import Store


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file, making its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)


def fill(data: Path) -> Path:
    """Fill a folder with something of every kind, and a second tenant."""
    for tenant in (data, data / "tenants" / "OTHER"):
        write(tenant / "secrets" / "abaco.key", "key", 0o600)
        write(tenant / "run" / "binary" / "message", "binary")
        for own in (tenant, tenant.parent, tenant / "run", tenant / "run" / "binary"):
            own.chmod(0o700)
        store = Store(tenant / "tenant.sqlite")
        store.put("profile", "anna", {"username": "anna", "in": tenant.name})
        store.close()
    write(data / "storage" / "ipt.storage" / "anna" / "färbung \udcff.txt", "file")
    write(data / "storage" / "ipt.storage" / "run.sh", "#!/bin/sh\n", 0o755)
    write(data / "storage" / ".incoming" / "half", "half")
    write(data / "storage" / "ipt.storage" / ".incoming" / "kept", "kept")
    (data / "storage" / "ipt.storage" / "empty").mkdir()
    (data / "storage" / "ipt.storage" / "link").symlink_to("run.sh")
    (data / "storage" / "ipt.storage" / "folder").symlink_to("anna")
    write(data / "jobs" / "1" / "control" / "supervisor.json", '{"pid": 1}')
    write(data / "jobs" / "1" / "work" / "out.txt", "out")
    write(data / "run" / "tenant.json", "of this process only")
    os.utime(data / "storage" / "ipt.storage" / "run.sh", (1_000_000_000.5,) * 2)
    os.utime(data / "storage" / "ipt.storage" / "empty", (1_000_000_001,) * 2)
    return data
