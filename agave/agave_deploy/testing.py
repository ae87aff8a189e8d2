"""A base image that is made without any registry, and kept between runs of tests.

    debootstrap ─▶ apt-get in it ─▶ what only documents is left out ─▶ podman import

It lies in a store of images outside the checkout, which the tests' engines read and
never write (`podman_engine`'s argument `shared`), so that a run costs no copy of it.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from agave_deploy.errors import ImageError

__all__ = ["Bases", "find_mirror", "run_command"]

_SUITE = "bookworm"
_REPOSITORY = "localhost/ipt-terminal-base"
_PATIENCE_S = 280
_LAST_LINES = 8
# Nothing of it needs to be on the disk at once, and nobody reads it there.
_DPKG = """force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/info/*
path-exclude /usr/share/javascript/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
"""
# In name spaces of their own: whatever is mounted or runs in there ends with them.
_APART = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--")
_MAKE = f"""
set -eu
exec 2>&1
root=$1 mirror=$2 rules=$3
shift 3
debootstrap --variant=minbase {_SUITE} "$root" "$mirror"
printf %s "$rules" >"$root/etc/dpkg/dpkg.cfg.d/ipt"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get install -q -y --no-install-recommends "$@"
find "$root" -xdev -type f -perm /6000 -exec chmod a-s {{}} +
cd "$root"
rm -rf usr/share/doc usr/share/info usr/share/locale usr/share/man
rm -rf var/lib/apt/lists/* var/cache/* var/log/* debootstrap
# Which mirror this machine has is nobody's business, and a build on it needs none.
rm -f etc/apt/sources.list etc/resolv.conf etc/hostname
"""
_TARGETS = (
    "apt-get",
    "indextargets",
    "--format",
    "$(REPO_URI) $(RELEASE) $(COMPONENT)",
)

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


class Bases:
    """The base images that this machine keeps for tests; owns a folder.

    Args:
        folder: outside the checkout; the cache folder of the user by default.
        run: runs a command and gives what it said, standard error included.
        environment: names the cache folder.
    """

    def __init__(
        self,
        folder: Path | None = None,
        run: "Run | None" = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._folder = folder or _cache(environment)
        self._run = run or run_command
        self.store = self._folder / "images"
        self._podman = [
            *("podman", "--storage-driver", "overlay", "--root", str(self.store)),
            *("--runroot", str(self._folder / "run")),
        ]

    def prepare(self) -> Path:
        """Return the folder of the store, which an engine may read from then on.

        Raises:
            ImageError: It can't be made.
        """
        if not (self.store / "overlay-images").is_dir():
            with self._alone():
                self._do("The store of images can't be made", *self._podman, "images")
        return self.store

    def make(self, packages: Sequence[str]) -> str:
        """Return the name of a base image with some packages; made if missing.

        Raises:
            ImageError: It can't be made; says what failed.
        """
        self.prepare()
        name = f"{_REPOSITORY}:{_digest(packages)}"
        with self._alone():
            known = self._run([*self._podman, "image", "exists", name])
            if known.returncode == 0:
                return name
            for left in self._folder.glob("work-*"):  # of one that was cut off
                shutil.rmtree(left)
            with tempfile.TemporaryDirectory(prefix="work-", dir=self._folder) as work:
                self._bootstrap(Path(work, "root"), packages)
                self._import(Path(work), name)
        return name

    def _bootstrap(self, root: Path, packages: Sequence[str]) -> None:
        mirror = find_mirror(self._run)
        make = [*_APART, "sh", "-c", _MAKE, "sh", str(root), mirror, _DPKG, *packages]
        self._do(
            "The base image for tests can't be made from the mirror of this machine's "
            "apt; is it reachable?",
            *make,
        )

    def _import(self, work: Path, name: str) -> None:
        """Import a folder; the image appears with all of it, or not at all."""
        archive = str(work / "root.tar")
        self._do(
            "The base image can't be packed",
            *("tar", "--numeric-owner", "-C", str(work / "root"), "-cf", archive, "."),
        )
        self._do(
            "The base image can't be imported",
            *(*self._podman, "import", "--quiet", archive, name),
        )

    def _do(self, failure: str, *command: str) -> None:
        done = self._run(command)
        if done.returncode != 0:
            last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
            raise ImageError(f"{failure}:\n{last}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others out; the kernel lets go of it if this process dies."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def find_mirror(run: "Run") -> str:
    """Return the address of the Debian mirror that this machine's apt uses.

    Raises:
        ImageError: There is none.
    """
    try:
        done = run(_TARGETS)
    except OSError:
        done = subprocess.CompletedProcess(_TARGETS, 1, "")
    for line in done.stdout.splitlines():
        match line.split():
            case [address, release, "main"] if release == _SUITE:
                return address
    raise ImageError(
        f"The base image for tests comes from the Debian mirror of this machine's apt, "
        f"and that has none for {_SUITE}."
    )


def _cache(environment: Mapping[str, str]) -> Path:
    cache = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "ipt-on-the-web"


def _digest(packages: Sequence[str]) -> str:
    recipe = [_MAKE, _DPKG, platform.machine(), *packages]
    return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:16]


def run_command(
    command: Sequence[str], patience_s: float = _PATIENCE_S
) -> "subprocess.CompletedProcess[str]":
    """Run a command; one that takes too long has failed."""
    try:
        return subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=patience_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        said = f"{command[0]} did not end within {patience_s:g} s"
        return subprocess.CompletedProcess(command, 1, said)
