"""A real container engine for tests, and an image made without any registry."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import docker

# The defaults of some machines ask for more than their own limits allow, and for a
# runtime that cannot do with their control groups. The network is its own, so that
# what resets the engine leaves this machine's networks alone.
_SETTINGS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_config_dir = "{folder}/networks"
"""
_PATIENCE_S = 20.0
_UNWANTED_MODULE = re.compile(
    r"_(ssl|hashlib|tkinter|sqlite3|curses|g?dbm|test|ctypes_test|xx)|xx|nis|readline|audioop|ossaudiodev"
)
_UNWANTED = {
    *("test", "tests", "idlelib", "tkinter", "lib2to3", "ensurepip", "site-packages"),
    *("__pycache__", "turtledemo", "unittest", "pydoc_data", "distutils"),
}
_LIBRARY = re.compile(r"(/\S+)")
_PYTHON = "/usr/bin/python3"


@contextmanager
def podman_engine(folder: Path, *, shared: Path | None = None) -> Iterator[str]:
    """Run an engine of a test's own, with its images in a folder; give its address.

    Args:
        folder: short enough for a socket's path.
        shared: a store of further images, which it reads and never writes.

    Raises:
        RuntimeError: where it does not start.
    """
    settings, address = folder / "containers.conf", folder / "podman.sock"
    settings.write_text(_SETTINGS.format(folder=folder), "utf-8")
    (folder / "networks").mkdir()
    bridge = _write_network(folder)
    environment = {**os.environ, "CONTAINERS_CONF": str(settings)}
    stores = ["--root", str(folder / "images"), "--runroot", str(folder / "run")]
    # Whether the machine was started anew is told by a file in there: with the usual
    # folder, an engine that is reset lets all others forget what they run.
    stores += ["--tmpdir", str(folder / "tmp")]
    if shared is not None:
        stores += ["--storage-driver", "overlay"]
        stores += ["--storage-opt", f"overlay.imagestore={shared}"]
    url = f"unix://{address}"
    with (folder / "podman.log").open("wb") as log:
        engine = subprocess.Popen(
            ["podman", *stores, "system", "service", "--time", "0", url],
            # Its monitors leave a file where they are when memory runs out.
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not address.exists():
            if engine.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "podman.log").read_text("utf-8"))
            time.sleep(0.02)
        yield url
    finally:
        engine.terminate()
        engine.wait()
        reset = ["podman", *stores, "system", "reset", "--force"]
        subprocess.run(reset, env=environment, stdout=subprocess.DEVNULL, check=False)
        remove = ["ip", "link", "delete", bridge]
        subprocess.run(remove, stderr=subprocess.DEVNULL, check=False)


def _write_network(folder: Path) -> str:
    """Describe the engine's network; return the name of its bridge.

    With the usual name it would meet the bridge, and the addresses, that an engine
    which was killed has left on this machine.
    """
    digest = hashlib.sha256(bytes(folder)).digest()
    bridge = f"test{digest.hex()[:8]}"
    subnet = f"10.{64 + digest[0] % 64}.{digest[1]}"
    network = {
        "name": "podman",
        "id": digest.hex(),
        "driver": "bridge",
        "network_interface": bridge,
        "subnets": [{"subnet": f"{subnet}.0/24", "gateway": f"{subnet}.1"}],
        "ipv6_enabled": False,
        "internal": False,
        "dns_enabled": False,
        "ipam_options": {"driver": "host-local"},
    }
    path = folder / "networks" / "podman.json"
    path.write_text(json.dumps(network), "utf-8")
    return bridge


def make_python_image(
    url: str, name: str, program: str, *, changes: Sequence[str] = ()
) -> str:
    """Make an image of this interpreter alone, which runs a program.

    Args:
        url: of the engine.
        name: of the image.
        program: source of the program.
        changes: instructions as in a Dockerfile.

    Returns:
        The image's full name.
    """
    full = f"localhost/{name}"
    home = sys.base_prefix
    client = docker.APIClient(url, version="auto")
    try:
        client.import_image_from_data(
            _archive(program),
            repository=full,
            changes=[
                f"ENV PYTHONHOME={home}",
                "ENV PYTHONDONTWRITEBYTECODE=1",
                f'CMD ["{_PYTHON}", "-u", "/program.py"]',
                *changes,
            ],
        )
    finally:
        client.close()
    return f"{full}:latest"


def _archive(program: str) -> bytes:
    interpreter = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    modules = [p for p in (library / "lib-dynload").glob("*.so") if _is_wanted(p)]
    needed = set().union(*map(_libraries, [interpreter, *modules]))
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for path in sorted(needed):
            archive.add(os.path.realpath(path), path.lstrip("/"))
        archive.add(interpreter, _PYTHON.lstrip("/"))
        archive.add(library, str(library).lstrip("/"), filter=_keep)
        scratch = tarfile.TarInfo("tmp")
        scratch.type, scratch.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(scratch)
        source = program.encode()
        file = tarfile.TarInfo("program.py")
        file.size, file.mode = len(source), 0o644
        archive.addfile(file, io.BytesIO(source))
    return data.getvalue()


def _libraries(program: Path) -> set[str]:
    said = subprocess.run(
        ["ldd", str(program)], capture_output=True, text=True, check=True
    )
    return set(_LIBRARY.findall(said.stdout))


def _keep(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    path = Path(entry.name)
    is_unwanted = _UNWANTED & set(path.parts) or "/config-" in entry.name
    return None if is_unwanted or not _is_wanted(path) else entry


def _is_wanted(module: Path) -> bool:
    return module.suffix != ".so" or not _UNWANTED_MODULE.match(module.name)
