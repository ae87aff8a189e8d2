"""What the terminal's image is made of, without an engine."""

import io
import json
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from agave_deploy.cli import main
from agave_deploy.engine import connect, describe_terminals, find_engine
from agave_deploy.errors import ImageError
from agave_deploy.image_sources import SourceFiles, pack, read_packages
from agave_deploy.images import TERMINAL_IMAGE, ImageOrder, build_image
from agave_deploy.site_packages import SitePackages, Target, run_pip

ROOT = Path(__file__).parents[3]
TARGET = Target("3.11", "x86_64", 19)


@pytest.fixture(name="copy")
def _copy(tmp_path: Path) -> Path:
    """Return a checkout that holds what the image is made of, and may be changed."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
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
    ["shared/ipt/cli.py", "functions/terminal/image/bashrc", "constraints.txt"],
)
def test_digest_changed(copy: Path, name: str) -> None:
    """A change of anything in the image changes the digest."""
    before = SourceFiles(copy).digest("base")
    with (copy / name).open("a") as file:
        file.write("# new\n")

    assert SourceFiles(copy).digest("base") != before


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
    said = json.dumps({"python": "3.11", "machine": "x86_64", "library": "glibc 2.19"})

    target = Target.read(said)

    assert target == TARGET
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
    sources = SourceFiles(ROOT)
    SitePackages(sources, TARGET).make_own(tmp_path)

    found = {path.name for path in tmp_path.iterdir()}
    assert found == {"ipt", "webterm", f"ipt_on_the_web-{sources.version}.dist-info"}
    assert (tmp_path / "ipt/samples/heat.c").is_file()
    assert not list(tmp_path.rglob("*.pyc"))


def test_site() -> None:
    """Pip is asked for the image's Python, with the checkout's versions."""
    asked: list[Sequence[str]] = []

    def pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        asked.append(arguments)
        return subprocess.CompletedProcess(arguments, 0, "")

    sources = SourceFiles(ROOT)
    SitePackages(sources, TARGET, pip).make_site(Path("/site"))

    (arguments,) = asked
    assert arguments[:5] == ["install", "--quiet", "--no-compile", "--target", "/site"]
    assert set(TARGET.options) <= set(arguments)
    assert str(ROOT / "constraints.txt") in arguments
    assert set(sources.requirements) <= set(arguments)


def test_site_refused() -> None:
    """What pip says last is shown to the person."""

    def pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(arguments, 1, "one\nno such version\n")

    with pytest.raises(ImageError, match=r"Python 3\.11 can't be had:\none\nno such"):
        SitePackages(SourceFiles(ROOT), TARGET, pip).make_site(Path("/site"))


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
    """The command says what is wrong and fails; an unknown image is a wrong use."""
    root = ["--program", "build.sh", "--root", str(ROOT)]

    assert main([*root, "image", TERMINAL_IMAGE, "--engine", "unix:///no.sock"]) == 1
    assert "build.sh: The engine unix:///no.sock does" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*root, "image", "unknown"])
    assert "choose from 'terminal-session'" in capsys.readouterr().err
