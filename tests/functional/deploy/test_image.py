"""The terminal's image, built on a real engine and tried by hand."""

import base64
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import docker
import docker.errors
import pytest
from docker.models.containers import Container

from agave_deploy.errors import ImageError
from agave_deploy.images.terminal_image import TERMINAL_IMAGE, ImageOrder, build_image

ROOT = Path(__file__).parents[3]
USER = "1000:1000"
HELLO_MPI = """
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  printf("rank %d of %d\\n", rank, size);
  MPI_Finalize();
}
"""
HELLO_VECTOR = """
#include <vector>
int main() { return std::vector<int>{7}[0]; }
"""
PRESENT = re.compile(rb"\x1b\]7337;download=([A-Za-z0-9_-]+)\x07")

pytestmark = pytest.mark.needs("podman", "debootstrap")

Sh = Callable[..., str]


@pytest.fixture(scope="module", name="client")
def _client(container_engine: str) -> Iterator[docker.DockerClient]:
    with closing(docker.DockerClient(container_engine)) as client:
        yield client


@contextmanager
def _running(
    client: docker.DockerClient, image: str, home: Path
) -> Iterator[Container]:
    """Run a container as a terminal's, but with nothing in it yet."""
    container = client.containers.run(
        image,
        ["sleep", "600"],
        user=USER,
        read_only=True,
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        tmpfs={"/tmp": "size=256m,mode=1777,exec"},  # noqa: S108 - in the container
        volumes={str(home): {"bind": "/home/ipt", "mode": "rw"}},
        detach=True,
        stdin_open=True,
    )
    try:
        yield container
    finally:
        container.remove(force=True)


@pytest.fixture(scope="module", name="container")
def _container(client: docker.DockerClient, terminal_image: str) -> Iterator[Container]:
    with tempfile.TemporaryDirectory(prefix="home-") as folder:
        home = Path(folder)
        os.chown(home, 1000, 1000)
        with _running(client, terminal_image, home) as container:
            yield container


@pytest.fixture(name="sh")
def _sh(container: Container) -> Sh:
    """Run a line as the first shell of a terminal would; it must succeed."""

    def run(line: str, *, tty: bool = False) -> str:
        code, said = container.exec_run(
            ["bash", "-lc", line], tty=tty, environment={"TERM": "xterm"}
        )
        assert isinstance(said, bytes)
        text = said.decode(errors="replace")
        assert code == 0, text
        return text

    return run


def test_build_when_changed(
    container_engine: str,
    terminal_base: str,
    client: docker.DockerClient,
    tmp_path: Path,
) -> None:
    """An image is built again when it was changed, or when somebody insists."""
    checkout = copy_checkout(tmp_path)
    said: list[str] = []
    name = "localhost/other/terminal:7"
    order = ImageOrder(TERMINAL_IMAGE, terminal_base, container_engine, name)
    try:
        assert build_image(checkout, replace(order, force=True), said.append) == name

        labels = client.images.get(name).labels
        assert labels["org.opencontainers.image.title"] == TERMINAL_IMAGE
        assert [line for line in said if not line.startswith("  ")] == [
            f"step 1 of 3: compilers and tools on {terminal_base}",
            "step 2 of 3: packages for Python 3.11",
            "step 3 of 3: the image",
            f"{name} is built",
        ]
        said.clear()
        assert build_image(checkout, order, said.append) == name
        assert said == [f"{name} is up to date"]

        (checkout / "functions/terminal/image/bashrc").write_text("# new\n")
        build_image(checkout, order, said.append)
        assert said[-1] == f"{name} is built"
    finally:
        client.images.remove(name, force=True)


def copy_checkout(folder: Path) -> Path:
    """Copy what the image is made of; others may work on the checkout meanwhile."""
    root = folder / "checkout"
    for name in ("functions/terminal/image", "shared/ipt", "shared/webterm"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    return root


def test_build_without_base(container_engine: str) -> None:
    """A base that is nowhere is named, with the way out."""
    order = ImageOrder(
        TERMINAL_IMAGE, base="localhost/no/such:base", engine=container_engine
    )

    with pytest.raises(ImageError, match=r"localhost/no/such:base.*--base IMAGE"):
        build_image(ROOT, order, lambda _: None)


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ("gdb", "With all packages installed the image still lacks gdb."),
        ("gdb apt-get", "The base image lacks gdb, and has no apt-get to install"),
    ],
)
def test_build_on_poor_base(
    client: docker.DockerClient,
    container_engine: str,
    terminal_base: str,
    gone: str,
    reason: str,
) -> None:
    """Where a tool is missing and can't be had, the build ends by saying so."""
    recipe = f"FROM {terminal_base}\nRUN cd /usr/bin && rm {gone}\n"
    name = "localhost/poor:base"
    client.images.build(fileobj=io.BytesIO(recipe.encode()), tag=name)
    order = ImageOrder(TERMINAL_IMAGE, base=name, engine=container_engine)
    try:
        with pytest.raises(ImageError) as caught:
            build_image(ROOT, order, lambda _: None)
    finally:
        client.images.remove(name, force=True)

    assert str(caught.value).startswith("The image can't be built:")
    assert reason in str(caught.value)


def test_who_and_where(sh: Sh) -> None:
    """A terminal is an ordinary account that may write its home and /tmp alone."""
    assert sh("id -u; id -g; id -un; pwd") == "1000\n1000\nipt\n/home/ipt\n"
    assert "Read-only file system" in sh("touch /opt/ipt/x 2>&1 || true")
    assert sh("touch ~/x /tmp/x && rm ~/x /tmp/x") == ""


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("gdb --batch -ex 'print 6*7'", "42"),
        ("nano --version", "GNU nano"),
        ("vim --version", "Vi IMproved"),
        ("less --version", "less "),
        ("ps -e", "sleep"),
        ("make --version", "GNU Make"),
        ("python3 -c 'print(6*7)'", "42"),
        ("ipt --version", f"ipt {metadata.version('ipt-on-the-web')}"),
    ],
)
def test_tools(sh: Sh, program: str, says: str) -> None:
    """Each tool that people need is there and runs."""
    assert says in sh(program)


def test_samples(sh: Sh) -> None:
    """A new home gets the sample programs once; what a person did to them stays."""
    samples = {path.name for path in (ROOT / "shared/ipt/samples").iterdir()}

    assert set(sh("ls samples").split()) == samples - {"__pycache__"}
    assert set(sh("ls -d *.c").split()) == {n for n in samples if n.endswith(".c")}
    sh("rm primes.c samples/heat.c; echo mine >matmul.c")
    assert sh("ls primes.c samples/heat.c 2>/dev/null; cat matmul.c") == "mine\n"
    sh("cp /opt/ipt/samples/heat.c samples; cp /opt/ipt/samples/*.c .")


def test_compile(sh: Sh) -> None:
    """C and C++ programs are compiled with OpenMP, by hand and by make."""
    sh("gcc -O2 -fopenmp heat.c -lm -o heat && ./heat >/dev/null")
    sh(f"cat >v.cpp <<'END'\n{HELLO_VECTOR}\nEND")
    assert sh("g++ v.cpp -o v; ./v; echo $?") == "7\n"
    assert "integrate" in sh("LDLIBS=-lm make integrate && ./integrate >/dev/null")


def test_mpi(sh: Sh) -> None:
    """An MPI program runs on two processes, without a network."""
    sh(f"cat >hello.c <<'END'\n{HELLO_MPI}\nEND\nmpicc hello.c -o hello")

    said = sh("mpirun --oversubscribe -np 2 ./hello 2>&1")

    assert sorted(said.splitlines()) == ["rank 0 of 2", "rank 1 of 2"]


def test_parallelize(sh: Sh) -> None:
    """The parallelizer works on a sample, and the result computes the same."""
    answers = (ROOT / "tests/engine/cases/integrate/answers.json").read_text("utf-8")
    sh(f"cat >answers.json <<'END'\n{answers}\nEND")

    sh("ipt parallelize integrate.c --answers answers.json -o par.c")

    assert "#pragma omp" in sh("cat par.c")
    sh("gcc integrate.c -lm -o serial && gcc -fopenmp par.c -lm -o par")
    assert sh("OMP_NUM_THREADS=2 ./par | head -n1") == sh("./serial | head -n1")


def test_download(sh: Sh) -> None:
    """A file is offered by its path in the home; links are followed inside it."""
    sh("mkdir -p 'a b' && echo x >'a b/ü.txt' && ln -sf 'a b/ü.txt' link")

    said = sh("cd 'a b' && ipt-download ü.txt ../link", tty=True)

    assert _offered(said) == ["a b/ü.txt", "a b/ü.txt"]
    assert "ü.txt is offered on the page" in said


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("secret", "you may not read that file"),
        ("/etc/passwd", "not in your home folder; copy it there first"),
        ("out", "not in your home folder"),
        ("samples", "that is a folder; pack it first: tar czf"),
        ("nothing", "there is no such file"),
        ("pipe", "not a file that could be saved"),
        (r"$'es\ec'", "rename it first: its name has signs"),
        ("-x", "there is no option -x"),
        ("", "Usage: ipt-download FILE"),
    ],
)
def test_download_refused(sh: Sh, arguments: str, reason: str) -> None:
    """What can't be offered is refused with a reason and never offered."""
    sh("echo x >secret && chmod 0 secret; ln -sf /etc/passwd out; touch $'es\\ec'")
    sh("[ -p pipe ] || mkfifo pipe")

    said = sh(f"ipt-download {arguments} || echo refused", tty=True)

    assert reason in said
    assert "refused" in said
    assert "\x1b" not in said


def test_download_some(sh: Sh) -> None:
    """One bad name among several does not keep the good ones back."""
    said = sh("ipt-download nothing samples/heat.c || echo failed", tty=True)

    assert _offered(said) == ["samples/heat.c"]
    assert "failed" in said


def test_download_help(sh: Sh) -> None:
    """It tells how it is used, in a pipe too; without a terminal it offers nothing."""
    assert "Usage: ipt-download FILE..." in sh("ipt-download --help | cat")
    said = sh("setsid -w ipt-download heat.c 2>&1 || true")
    assert said == "ipt-download: this works in a terminal only\n"
    tmux = sh("TMUX=x ipt-download heat.c 2>&1 || true", tty=True)
    assert "leave it first" in tmux


def _offered(said: str) -> list[str]:
    found = PRESENT.findall(said.encode())
    return [base64.urlsafe_b64decode(text + b"==").decode() for text in found]


def test_clean(sh: Sh) -> None:
    """Nothing of the platform is inside."""
    folder = sh("/opt/ipt/bin/python -c 'import ipt; print(ipt.__path__[0])'").strip()
    site = set(sh(f"ls {Path(folder).parent}").split())

    assert {"ipt", "webterm", "websockets", "cryptography", "clang", "islpy"} <= site
    ours = {"iptweb", "functions", "sandbox", "sshlink", "agave_local", "agave_deploy"}
    assert not site & (ours | {"agavepy", "docker", "paramiko", "pip", "requests"})
    assert "IPT_" not in sh("env | grep -v ^IPT_BASHRC_READ=")


def test_no_setuid(client: docker.DockerClient, terminal_image: str) -> None:
    """No program in the image acts as somebody else."""
    found = client.containers.run(
        terminal_image,
        ["find", "/", "-xdev", "-type", "f", "-perm", "/6000"],
        user="0:0",
        network_mode="none",
        remove=True,
    )

    assert found == b""


def test_start_command(client: docker.DockerClient, terminal_image: str) -> None:
    """The image's own command is the terminal server, which wants to be told more."""
    config = client.images.get(terminal_image).attrs["Config"]
    assert config["User"] == USER

    with pytest.raises(docker.errors.ContainerError) as caught:
        client.containers.run(
            terminal_image, network_mode="none", read_only=True, remove=True
        )

    assert "IPT_LAUNCH" in str(caught.value)
