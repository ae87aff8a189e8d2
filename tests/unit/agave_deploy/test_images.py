"""What the terminal's image is made of, without an engine."""

import io
import json
import re
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from agave_deploy.cli import main
from agave_deploy.errors import ImageError
from agave_deploy.images.engine import connect, describe_terminals, find_engine
from agave_deploy.images.image_sources import SourceFiles, pack, read_packages
from agave_deploy.images.site_packages import Target, Wheels, pack_own, run_pip
from agave_deploy.images.terminal_image import TERMINAL_IMAGE, ImageOrder, build_image
from agave_deploy.supply.lock import Pinned

ROOT = Path(__file__).parents[3]
TARGET = Target("3.11", "x86_64", 19)


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """Return a checkout that holds what the image is made of, and may be changed."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    for name in ("functions/terminal/image", "shared/ipt", "shared/webterm"):
        shutil.copytree(ROOT / name, root / name)
    return root


def test_sources() -> None:
    """The image has the parallelizer and the terminal server, and what they need."""
    sources = SourceFiles(ROOT)

    assert {"ipt/cli.py", "webterm/__main__.py", "ipt/samples/heat.c"} <= set(
        sources.own
    )
    assert {name.partition("/")[0] for name in sources.own} == {"ipt", "webterm"}
    assert {"Dockerfile", "profile", "bashrc", "bin/ipt-download"} <= set(sources.image)
    assert [line.split(">=")[0].split("==")[0] for line in sources.requirements] == [
        *("cryptography", "islpy", "libclang", "websockets"),
    ]
    assert f'version = "{sources.version}"' in sources.project


def test_packages() -> None:
    """The list of Debian packages has no comments and nothing twice."""
    packages = read_packages(ROOT)

    assert {"gcc", "gdb", "openmpi-bin", "python3"} <= set(packages)
    assert packages == sorted(set(packages))


@pytest.mark.parametrize(
    "name",
    ["shared/ipt/cli.py", "functions/terminal/image/bashrc"],
)
def test_digest_changed(copy: Path, name: str) -> None:
    """A change of anything in the image changes the digest."""
    before = SourceFiles(copy).digest("base")
    with (copy / name).open("a") as file:
        file.write("# new\n")

    assert SourceFiles(copy).digest("base") != before


@pytest.mark.parametrize(("package", "counts"), [("websockets", True), ("mypy", False)])
def test_digest_of_packages(copy: Path, package: str, *, counts: bool) -> None:
    """Another version of a package counts where the image has it."""
    before = SourceFiles(copy).digest("base")
    lock = copy / "requirements.lock"
    pinned = re.sub(rf"(?m)^{package}==", f"{package}==7!", lock.read_text("utf-8"))
    lock.write_text(pinned, "utf-8")

    assert (SourceFiles(copy).digest("base") != before) is counts


def test_digest_same(copy: Path) -> None:
    """Neither the place of a checkout nor what Python leaves there matters."""
    left = copy / "shared/ipt/__pycache__"
    left.mkdir(exist_ok=True)
    (left / "x.pyc").write_bytes(b"new")
    here = SourceFiles(ROOT).digest("base")

    assert SourceFiles(copy).digest("base") == here
    assert SourceFiles(copy).digest("other") != here


def test_not_a_checkout(tmp_path: Path) -> None:
    """A folder that is no checkout is named."""
    with pytest.raises(ImageError, match="is not the checkout"):
        _ = SourceFiles(tmp_path).version


def test_pack_reproducible(tmp_path: Path) -> None:
    """The same files make the same archive, whenever and by whomever it is made."""
    archives = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, mode in (("run", 0o700), ("read", 0o640)):
            (folder / name).write_text(name)
            (folder / name).chmod(mode)
        archive = io.BytesIO()
        pack(
            {name: folder / name for name in ("run", "read")[:: 1 - 2 * number]},
            archive,
        )
        archives.append(archive.getvalue())

    assert archives[0] == archives[1]
    with tarfile.open(fileobj=io.BytesIO(archives[0])) as packed:
        entries = {entry.name: (entry.mode, entry.uid) for entry in packed}
    assert entries == {"read": (0o644, 0), "run": (0o755, 0)}


def test_target() -> None:
    """A base's Python tells which wheels it can use."""
    said = {
        "python": "3.11",
        "machine": "x86_64",
        "library": "glibc 2.19",
        "executable": "/usr/bin/python3",
        "venv": True,
    }

    target = Target.read(json.dumps(said))

    assert target == TARGET
    assert target.version == (3, 11)
    assert [option for option in target.options if "manylinux_2_" in option] == [
        "--platform=manylinux_2_19_x86_64",
        "--platform=manylinux_2_18_x86_64",
        "--platform=manylinux_2_17_x86_64",
    ]


@pytest.mark.parametrize(
    "said",
    ["", "no python", "[]", '{"python": "3.11", "machine": "x", "library": null}'],
)
def test_target_unknown(said: str) -> None:
    """A base without a Python that wheels are made for is refused."""
    with pytest.raises(ImageError, match="needs Python 3"):
        Target.read(said)


def test_own_package(tmp_path: Path) -> None:
    """What is ours is packed without anything else, with its version."""
    sources, folder = SourceFiles(ROOT), tmp_path / "own"
    pack_own(sources, Wheels(TARGET, tmp_path), folder)

    found = {path.name for path in folder.iterdir()}
    assert found == {"ipt", "webterm", f"ipt_on_the_web-{sources.version}.dist-info"}
    assert (folder / "ipt/samples/heat.c").is_file()
    assert not list(folder.rglob("*.pyc"))


@pytest.mark.parametrize(
    ("verb", "own"),
    [("download", ["--dest", "/wheels"]), ("install", ["--no-index", "--no-compile"])],
)
def test_packages_with_digests(verb: str, own: list[str]) -> None:
    """Pip is asked for the image's Python, with digests, and for nothing else."""
    asked: list[list[str]] = []
    wanted: list[str] = []

    def pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        asked.append(list(arguments))
        wanted.append(Path(arguments[-1]).read_text("utf-8"))
        return subprocess.CompletedProcess(arguments, 0, "")

    packages = SourceFiles(ROOT).packages
    wheels = Wheels(TARGET, Path("/wheels"), pip)
    if verb == "download":
        wheels.fetch(packages)
    else:
        wheels.install(packages, Path("/site"))

    (arguments,) = asked
    assert arguments[:2] == [verb, "--quiet"]
    assert {"--require-hashes", "--no-deps", *own, *TARGET.options} <= set(arguments)
    names = [line.split("==")[0] for line in wanted[0].splitlines() if "==" in line]
    assert names == [pinned.name for pinned in packages]
    assert {"cryptography", "cffi", "islpy", "libclang", "websockets"} <= set(names)
    assert wanted[0].count("--hash=sha256:") > len(names)


def test_packages_refused(tmp_path: Path) -> None:
    """What pip says last is shown to the person."""

    def pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(arguments, 1, "one\nno such version\n")

    with pytest.raises(ImageError, match=r"Python 3\.11 can't be had:\none\nno such"):
        Wheels(TARGET, tmp_path, pip).fetch(SourceFiles(ROOT).packages)


def test_package_that_was_changed(tmp_path: Path) -> None:
    """A wheel that is not the one of the lock is not installed."""
    wheel = tmp_path / "six-1.17.0-py2.py3-none-any.whl"
    wheel.write_bytes(b"something else")
    packages = [Pinned("six", "1.17.0", ("sha256:" + "0" * 64,))]

    with pytest.raises(ImageError, match="DO NOT MATCH THE HASHES"):
        Wheels(TARGET, tmp_path).install(packages, tmp_path / "site")


def test_pip_says_no() -> None:
    """Pip's own words come back with its refusal."""
    done = run_pip(["install", "--no-index", "no-such-package-of-ours"])

    assert done.returncode != 0
    assert "no-such-package-of-ours" in done.stdout


@pytest.mark.parametrize(
    ("tag", "full"),
    [
        ("", "ipt/terminal-session:latest"),
        ("other:7", "other:7"),
        ("here:5000/other", "here:5000/other:latest"),
    ],
)
def test_tag(tag: str, full: str) -> None:
    """A name without a tag gets the usual one."""
    assert ImageOrder(TERMINAL_IMAGE, tag=tag).full_tag == full


def test_find_engine(tmp_path: Path) -> None:
    """What the environment names comes first, then a socket at a usual place."""
    assert find_engine({}, tmp_path) is None
    assert find_engine({"DOCKER_HOST": "tcp://a:1"}, tmp_path) == "tcp://a:1"
    place = tmp_path / "run/user/7/podman/podman.sock"
    place.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))

        found = find_engine({"XDG_RUNTIME_DIR": "/run/user/7"}, tmp_path)

    assert found == f"unix://{place}"


def test_engine_silent(tmp_path: Path) -> None:
    """An engine that is not there is named."""
    url = f"unix://{tmp_path}/no.sock"
    order = ImageOrder(TERMINAL_IMAGE, engine=url)

    with pytest.raises(ImageError, match=f"The engine {url} does not answer"):
        build_image(ROOT, order, lambda _: None)


def test_no_engine() -> None:
    """Without any engine the person is told how to name one."""
    with (
        pytest.raises(ImageError, match="There is no container engine here"),
        connect(None, lambda: None),
    ):
        pass
    assert describe_terminals("x", lambda: None).startswith(
        "Terminals and jobs don't run in containers: There is no container engine here."
    )


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command says what is wrong and fails."""
    root = ["--program", "build.sh", "--root", str(ROOT)]

    assert main([*root, "image", TERMINAL_IMAGE, "--engine", "unix:///no.sock"]) == 1
    assert "build.sh: The engine unix:///no.sock does" in capsys.readouterr().err
