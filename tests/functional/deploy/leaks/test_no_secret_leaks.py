"""After a full run no secret is anywhere but where it belongs."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import docker
import pytest

from agave_deploy.supply.leaks import Leak, Search

from .full_run import FullRun

# What a function has to see, and nobody else does.
MAY_SEE = {
    "auth-callback": {"client secret", "session key", "nonce"},
    "terminal": {"ssh key"},
    "webterm": {"ticket key"},
}
# What callers themselves put into their messages.
SENT = re.compile(r"(first )?token of \w+|code of \w+|session of \w+|wrong \w+")
_PLACES = "/opt /etc /home /root /run /srv /tmp /usr/local /var"
_AT_A_TIME = 4
_SECRET_NAME = re.compile(r"(?i)secret|token|passw|api_?key|private")

pytestmark = [pytest.mark.needs("bubblewrap", "gcc"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module", name="run")
def _run(tmp_path_factory: pytest.TempPathFactory) -> FullRun:
    """Return a run that is over."""
    folder = tmp_path_factory.mktemp("run")
    run = FullRun(folder / "data", folder / "spies")
    run.prepare()
    with run.running():
        run.work()
    return run


@pytest.fixture(scope="module", name="search")
def _search(run: FullRun) -> Search:
    return Search(run.secrets)


def _look(
    run: FullRun, search: Search, function: str, environment: Mapping[str, str]
) -> list[Leak]:
    """Return what a function sees that it should not."""
    told = dict(environment)
    message = told.pop("MSG", "")
    told.pop("_abaco_access_token")  # of the platform: what it works with
    sent = {name for name in run.secrets if SENT.fullmatch(name)}
    return [
        *search.in_text(json.dumps(told), function, MAY_SEE.get(function, ())),
        *search.in_text(message, f"a message to {function}", sent),
    ]


def test_the_run_was_a_full_one(run: FullRun) -> None:
    """All kinds of functions ran, with their secrets, and the tenant said much."""
    ran = {function for function, *_ in run.seen}
    log = (run.data / "log/tenant.log").read_text("utf-8")

    expected = {"auth-callback", "terminal", "webterm", "culler", "admin"}
    assert ran == expected | {"job-submit", "jobs", "files", "parallelize"}
    for function, names in MAY_SEE.items():
        seen = [json.dumps(told) for name, told, _ in run.seen if name == function]
        for name in names:
            search = Search({name: run.secrets[name]})
            assert search.in_text("".join(seen), function), (function, name)
    assert "/messages 200 " in log
    assert "token of ada" in run.secrets
    assert "ssh-key" in run.said[next(k for k in run.said if "apply" in k)]


def test_environments(run: FullRun, search: Search) -> None:
    """A function sees its own secrets, in no argument, and nobody else's."""
    for function, environment, arguments in run.seen:
        assert _look(run, search, function, environment) == []
        assert search.in_text("\n".join(arguments), function) == []


def test_what_people_read(run: FullRun, search: Search) -> None:
    """No answer, log, record, list, plan or report has a secret in it.

    The first start prints the passwords that it made for people, once.
    """
    passwords = {f"password of {name}" for name in ("ada", "grace", "admin")}
    for place, text in run.said.items():
        allowed = passwords if place == "up" else set()
        assert search.in_text(text, place, allowed) == []


def test_disk(run: FullRun, search: Search) -> None:
    """No log, record, job, home or file of the site has a secret in it.

    The site's configuration has the nonce, by which people who are not signed in yet
    reach the one function that signs them in; so do the tenant's own records.
    """
    found = search.in_folder(run.data, left_out=[run.data / "secrets"])

    rest = [leak for leak in found if leak.secret != "nonce"]
    places = {leak.place for leak in found}
    assert rest == []
    assert {place for place in places if not place.endswith("/config.js")} <= {
        "tenant.sqlite",
        "tenant.sqlite-wal",
    }
    for path in (run.data / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_processes(run: FullRun, search: Search) -> None:
    """No process had a secret on its command line or in what it was started with."""
    assert len(run.processes["cmdline"]) > 10
    for kind, texts in run.processes.items():
        for text in texts:
            assert search.in_text(text, f"{kind} {text[:40]!r}") == []


def test_planted_leaks_are_found(run: FullRun, search: Search, tmp_path: Path) -> None:
    """The same looks find what is put there: in a log, a job, an environment."""
    basic = f"{run.secrets['password of ada']}:{run.secrets['client secret']}"
    (tmp_path / "job.err").write_text(base64.b64encode(basic.encode()).decode())
    (tmp_path / "log").write_text(json.dumps({"key": run.secrets["ssh key"]}))
    _, environment, _ = run.seen[0]
    wrong = environment | {"_actor_configs": repr({"k": run.secrets["ticket key"]})}
    message = environment | {"MSG": run.secrets["password of ipt"]}

    on_disk = {leak.secret for leak in search.in_folder(tmp_path)}
    seen = _look(run, search, "files", wrong) + _look(run, search, "files", message)

    assert on_disk == {"password of ada", "client secret", "ssh key"}
    assert {leak.secret for leak in seen} >= {"ticket key", "password of ipt"}


@pytest.fixture(scope="module", name="client")
def _client(container_engine: str) -> Iterator[docker.DockerClient]:
    with closing(docker.DockerClient(container_engine, timeout=120)) as client:
        yield client


def _grep(client: docker.DockerClient, image: str, patterns: Path) -> bytes:
    """Return what grep finds in an image, but for what its base has from Debian."""
    place = "/patterns-of-the-search"
    script = f"LC_ALL=C grep -raohFf {place} {_PLACES} 2>/dev/null || [ $? -le 2 ]"
    said: bytes = client.containers.run(
        image,
        ["/bin/sh", "-c", f"{script}; echo looked"],
        volumes={str(patterns): {"bind": place, "mode": "ro"}},
        network_mode="none",
        user="0:0",
        remove=True,
    )
    return said


@pytest.mark.needs("podman", "debootstrap")
def test_images(
    search: Search,
    client: docker.DockerClient,
    function_images: Mapping[str, str],
    terminal_image: str,
    tmp_path: Path,
) -> None:
    """No image has a secret in its files, settings or history."""
    images = {**function_images, "a terminal": terminal_image}
    patterns = tmp_path / "patterns"
    # The last one is in each image: it shows that the search sees anything.
    patterns.write_bytes(search.patterns + b"BSD-3-Clause\n")
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        found = pool.map(lambda image: _grep(client, image, patterns), images.values())
        looked = dict(zip(images, found, strict=True))

    for name, image in images.items():
        kept = client.images.get(image)
        about = json.dumps([kept.attrs, kept.history()])
        assert search.in_text(about, f"what {name} says of itself") == []
        named = [one for one in kept.attrs["Config"]["Env"] if _SECRET_NAME.search(one)]
        assert named == []
        assert search.identify(looked[name], name) == []
        assert {b"BSD-3-Clause", b"looked"} <= set(looked[name].splitlines())
