"""Reading a system's file: what it means, and each way in which it can be wrong."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agave_deploy.errors import RegistryError
from agave_deploy.systems.model import Apps, Folders, Login, SystemEntry
from agave_deploy.systems.reading import read_system, read_systems, to_system

KEYS = st.text(st.characters(codec="utf-8"), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)


def _read(fields: dict[str, Any], **environment: str) -> SystemEntry:
    return to_system(fields, "x.yaml", environment, processors=8)


def test_usual_values(near: dict[str, Any]) -> None:
    """What a file leaves out has its usual value; ids are made of its name."""
    entry = _read(near)

    assert (entry.build_scheduler, entry.scheduler) == ("FORK", "FORK")
    assert entry.login == Login("LOCAL")
    assert entry.folders == Folders()
    assert (entry.build_system, entry.run_system) == ("ipt.build.near", "ipt.run.near")
    assert entry.apps == Apps(
        "ipt-build-near-0.2.0",
        "ipt-run-near-0.2.0",
        "ipt-build-run-near-0.2.0",
        "ipt-compare-near-0.2.0",
    )
    assert (entry.limits.system_jobs, entry.limits.user_jobs) == (100, 20)
    assert (entry.historical, entry.modules) == (False, False)


def test_cluster(far: dict[str, Any]) -> None:
    """A machine over SSH has an account, a pinned key and the name of a secret."""
    far["login"]["host_key"] += " root@cluster"

    login = _read(far).login

    assert (login.host, login.port, login.user) == ("login.cluster.example", 22, "ipt")
    assert login.host_key == far["login"]["host_key"].removesuffix(" root@cluster")
    assert login.credential == "far-key"


def test_own_processors(near: dict[str, Any]) -> None:
    """A queue here has this machine's processors, and presets fit into them."""
    del near["queues"][0]["max_processors"]
    near["presets"] += [
        {"name": "openmp", "compile": "gcc -O2", "threads": 64},
        {"name": "mpi", "compile": "gcc -O2", "ranks": 64},
        {"name": "hybrid", "compile": "gcc -O2", "ranks": 4, "threads": 4},
    ]

    entry = _read(near)

    assert entry.default_queue.max_processors == 8
    assert [(p.name, p.ranks, p.threads) for p in entry.presets] == [
        ("serial", 1, 1),
        ("openmp", 1, 8),
        ("mpi", 8, 1),
        ("hybrid", 4, 2),
    ]


def test_apps_by_file_and_environment(far: dict[str, Any]) -> None:
    """A file may name another app, and the environment another one still."""
    far |= {"name": "far-away", "build_app": "my-build-1.0", "run_app": "my-run-1.0"}

    entry = _read(
        far,
        FAR_AWAY_RUN_APP_VERSION="our-run-2.1",
        FAR_AWAY_BUILD_RUN_APP_VERSION="ipt-build-run-far-away-0.3.0u1",
        FAR_AWAY_COMPARE_APP_VERSION="",
    )

    assert entry.apps == Apps(
        "my-build-1.0",
        "our-run-2.1",
        "ipt-build-run-far-away-0.3.0u1",
        "ipt-compare-far-away-0.2.0",
    )


def test_wrong_environment(far: dict[str, Any]) -> None:
    """An app that the environment names wrongly is refused by the variable's name."""
    with pytest.raises(RegistryError, match="FAR_RUN_APP_VERSION must be a whole app"):
        _read(far, FAR_RUN_APP_VERSION="0.3.0")


QUEUE = {"name": "q", "max_nodes": 1, "max_processors": 2, "max_run_time": "01:00:00"}
PRESET = {"name": "mpi", "compile": "gcc -O2"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "Far"}, "name must be 2 to 31 letters a-z"),
        ({"name": "f"}, "name must be 2 to 31"),
        ({"name": None}, "name must be 2 to 31"),
        ({"label": ""}, "label must be a line of text"),
        ({"label": "two\nlines"}, "label must be one line"),
        ({"label": 5}, "label must be a line of text"),
        ({"description": "x" * 3000}, "description must be one line of at most 2000"),
        ({"historical": "no"}, "historical must be true or false"),
        ({"scheduler": "PBS"}, "scheduler must be one of FORK, SLURM"),
        ({"scheduler": None}, "scheduler must be one of FORK, SLURM"),
        ({"build_scheduler": "slurm"}, "build_scheduler must be one of FORK, SLURM"),
        ({"login": "ssh"}, "login must be a mapping"),
        ({"login": {}}, r"login\.protocol must be one of LOCAL, SSH"),
        ({"folders": {"work": "work"}}, r"folders\.work must be a whole path"),
        ({"folders": {"work": "~/x"}}, r"folders\.work must be a whole path"),
        ({"folders": {"home": "/a/../b"}}, r"folders\.home must be a whole path"),
        ({"folders": {}}, r"folders\.scratch must be given, or work, or home"),
        ({"folders": {"tmp": "/x"}}, r"there is no field folders\.tmp\."),
        ({"version": 0.2}, "version must be a version in quotes, such as '0.2.0'"),
        ({"version": "0.2u1"}, "version must be a version in quotes"),
        ({"run_app": "0.2.0"}, "run_app must be a whole app id"),
        ({"run_app": "ipt-build-far-0.2.0"}, "build_app and the other apps must be"),
        ({"modules": "yes"}, "modules must be true or false"),
        ({"modules": False}, "suggested_modules needs modules: true"),
        (
            {"suggested_modules": [{"name": "gcc; id"}]},
            r"suggested_modules\[0\]\.name must be a module's name",
        ),
        ({"suggested_modules": [{"name": "a"}, {"name": "a"}]}, ".* has 'a' twice"),
        ({"compilers": []}, "compilers must be a list of at least one compiler"),
        ({"compilers": {}}, "compilers must be a list"),
        ({"compilers": ["gcc"]}, r"compilers\[0\] must be a mapping"),
        (
            {"compilers": [{"command": "-O2", "for": "mpi"}]},
            r"compilers\[0\]\.command must be a command",
        ),
        (
            {"compilers": [{"command": "gcc '-O2", "for": "mpi"}]},
            r"compilers\[0\]\.command has a quotation mark without its partner",
        ),
        (
            {"compilers": [{"command": "gcc ${X}", "for": "mpi"}]},
            r"compilers\[0\]\.command must be a command",
        ),
        (
            {"compilers": [{"command": "gcc", "for": "C"}]},
            r"compilers\[0\]\.for must be one of serial, openmp, mpi, hybrid, cuda",
        ),
        (
            {"compilers": [{"command": "gcc", "for": "mpi", "language": "f90"}]},
            r"compilers\[0\]\.language must be one of c, c\+\+",
        ),
        (
            {"compilers": 2 * [{"command": "gcc", "for": "mpi"}]},
            "compilers has 'gcc' twice",
        ),
        ({"launchers": "mpirun"}, "launchers must be a list"),
        ({"launchers": [1]}, r"launchers\[0\] must be a line of text"),
        ({"launchers": ["a\nb"]}, r"launchers\[0\] must be a line of text"),
        (
            {"launchers": ["mpirun -np {cores}"]},
            r"launchers\[0\] has another placeholder than \{ranks\}, \{nodes\}",
        ),
        ({"launchers": ["mpirun -np {ranks"]}, r"launchers\[0\] has another"),
        ({"launchers": ["srun 'x"]}, r"launchers\[0\] has a quotation mark"),
        ({"launchers": ["", ""]}, r"launchers\[0\] stands there twice"),
        ({"launchers": [" srun"]}, r"launchers\[0\] stands there twice, or has spaces"),
        ({"presets": [{**PRESET, "name": "fast"}]}, r"presets\[0\]\.name must be one"),
        ({"presets": [PRESET, PRESET]}, "presets has 'mpi' twice"),
        (
            {"presets": [{**PRESET, "compile": "clang"}]},
            r"presets\[0\]\.compile is no command of compilers: 'gcc -O2'",
        ),
        (
            {"presets": [{**PRESET, "launcher": "srun"}]},
            r"presets\[0\]\.launcher is not in launchers: '', 'mpirun -np \{ranks\}'",
        ),
        ({"presets": [{**PRESET, "ranks": 0}]}, r"presets\[0\]\.ranks must be a whole"),
        (
            {"presets": [{**PRESET, "threads": True}]},
            r"presets\[0\]\.threads must be a whole",
        ),
        (
            {"presets": [{**PRESET, "ranks": 5}]},
            (
                r"presets\[0\] \(the preset mpi\) needs 1 node with 5 processors; "
                r"the default queue default has 1 node with 4 processors\."
            ),
        ),
        (
            {"presets": [{**PRESET, "nodes": 2}]},
            r"presets\[0\] \(the preset mpi\) needs 2 nodes with 1 processor;",
        ),
        ({"queues": []}, "queues must be a list of at least one queue"),
        ({"queues": [QUEUE]}, "queues must have one with default: true; it has none"),
        (
            {
                "queues": [
                    {**QUEUE, "default": True},
                    {**QUEUE, "name": "r", "default": True},
                ]
            },
            "queues must have one with default: true; it has q, r",
        ),
        ({"queues": [QUEUE, QUEUE]}, "queues has 'q' twice"),
        ({"queues": [{**QUEUE, "name": "a b"}]}, r"queues\[0\]\.name must be 1 to 64"),
        ({"queues": [{**QUEUE, "max_nodes": 0}]}, r"queues\[0\]\.max_nodes must be a"),
        ({"queues": [{**QUEUE, "max_jobs": -1}]}, r"queues\[0\]\.max_jobs must be a"),
        (
            {"queues": [{"name": "q", "max_nodes": 1, "max_run_time": "01:00:00"}]},
            r"queues\[0\]\.max_processors must be a whole number",
        ),
        (
            {"queues": [{**QUEUE, "max_run_time": 43200}]},
            r"queues\[0\]\.max_run_time must be a time HH:MM:SS in quotes",
        ),
        (
            {"queues": [{**QUEUE, "max_run_time": "00:00:00"}]},
            r"queues\[0\]\.max_run_time must be a time",
        ),
        (
            {"queues": [{**QUEUE, "max_run_time": "1-00:00:00"}]},
            r"queues\[0\]\.max_run_time must be a time",
        ),
        (
            {"queues": [{**QUEUE, "max_memory": "8 gigs"}]},
            r"queues\[0\]\.max_memory must be a size such as 8GB",
        ),
        (
            {"queues": [{**QUEUE, "directives": "gres=gpu:1"}]},
            r"queues\[0\]\.directives must be options of sbatch",
        ),
        (
            {"queues": [{**QUEUE, "max_time": "01:00:00"}]},
            r"there is no field queues\[0\]\.max_time; is max_run_time meant\?",
        ),
        ({"limits": {"system_jobs": 0}}, r"limits\.system_jobs must be a whole"),
        ({"limits": []}, "limits must be a mapping"),
        ({"labels": "x"}, "there is no field labels; is label meant"),
    ],
)
def test_wrong_field(far: dict[str, Any], change: dict[str, Any], reason: str) -> None:
    """Whatever is wrong is named: the file, the field, and what would be right."""
    with pytest.raises(RegistryError, match=f"^x.yaml: {reason}"):
        _read(far | change)


@pytest.mark.parametrize(
    ("place", "meant", "written"),
    [
        ("", "label", "lable"),
        ("", "scheduler", "schedular"),
        ("", "name", "nam"),
        ("login.", "protocol", "protocoll"),
        ("login.", "host_key", "hostkey"),
        ("login.", "credential", "credentials"),
        ("folders.", "scratch", "scratsh"),
        ("compilers[0].", "command", "comand"),
        ("presets[0].", "compile", "compiler"),
        ("queues[0].", "max_nodes", "max_node"),
        ("suggested_modules[0].", "name", "names"),
    ],
)
def test_needed_field_spelled_wrong(
    far: dict[str, Any], place: str, meant: str, written: str
) -> None:
    """A field that has to be there and was spelled wrong is named as it is written."""
    part: Any = far
    if place:
        key, _, rest = place.rstrip(".").partition("[")
        part = part[key][0] if rest else part[key]
    part[written] = part.pop(meant)

    with pytest.raises(RegistryError) as caught:
        _read(far)

    assert str(caught.value) == (
        f"x.yaml: there is no field {place}{written}; is {meant} meant?"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"host": ""}, "host must be the name or address"),
        ({"host": "a b"}, "host must be the name or address"),
        ({"port": 0}, "port must be a whole number from 1 to 65535"),
        ({"port": 70000}, "port must be a whole number from 1 to 65535"),
        ({"user": None}, "user must be the name of an account"),
        ({"user": "a;b"}, "user must be the name of an account"),
        ({"host_key": None}, "host_key must be the one public key of the host"),
        ({"host_key": "AAAA"}, "host_key must be the one public key of the host"),
        ({"host_key": "ssh-ed25519 AAAA"}, "host_key must be the one public key"),
        ({"host_key": "ssh-ed25519 !!"}, "host_key must be .*ssh-keyscan"),
        ({"credential": None}, "credential must be the name of a secret"),
        (
            {"credential": "-----BEGIN OPENSSH PRIVATE KEY-----"},
            "credential must be the name of a secret .*never the key itself",
        ),
        ({"password": "x"}, r"there is no field login\.password"),
    ],
)
def test_wrong_login(far: dict[str, Any], change: dict[str, Any], reason: str) -> None:
    """A wrong way in is named, and no value of it is repeated."""
    far["login"] |= change

    with pytest.raises(RegistryError, match=reason) as caught:
        _read(far)

    assert "BEGIN" not in str(caught.value)


def test_local_login_has_nothing_else(near: dict[str, Any]) -> None:
    """What only SSH needs is refused where there is none."""
    near["login"]["host"] = "localhost"

    with pytest.raises(RegistryError, match=r"there is no field login\.host"):
        _read(near)


def test_local_jobs_have_one_node(near: dict[str, Any]) -> None:
    """No queue of the tenant's own machine promises a second node."""
    near["queues"][0]["max_nodes"] = 2

    with pytest.raises(RegistryError, match=r"queues\[0\]\.max_nodes must be 1 with"):
        _read(near)


def test_historical_needs_no_host_key(far: dict[str, Any]) -> None:
    """Nobody knows the key of a machine that is gone."""
    del far["login"]["host_key"]

    assert _read(far | {"historical": True}).login.host_key == ""


@given(raw=VALUES)
def test_any_value(raw: Any) -> None:
    """Whatever stands in a file, the answer is a system or a sentence about it."""
    with pytest.raises(RegistryError, match=r"^x\.yaml: "):
        to_system(raw, "x.yaml", {})


@given(change=st.dictionaries(st.sampled_from(["login", "queues", "name"]), VALUES))
def test_any_field(change: dict[str, Any]) -> None:
    """The same is true of each field of a file that is right otherwise."""
    with pytest.raises(RegistryError, match=r"^x\.yaml: "):
        to_system({"label": "x", "scheduler": "FORK"} | change, "x.yaml", {})


def _write(folder: Path, fields: dict[str, Any], name: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name or fields['name']}.yaml"
    path.write_text(yaml.safe_dump(fields), "utf-8")
    return path


def test_read_folders(
    tmp_path: Path, near: dict[str, Any], far: dict[str, Any]
) -> None:
    """Every file of every folder is a system, in the order of their names."""
    _write(tmp_path / "one", near)
    _write(tmp_path / "one", far)
    _write(tmp_path / "two", near | {"name": "another"})
    (tmp_path / "two/README").write_text("no system", "utf-8")

    entries = read_systems([tmp_path / "one", tmp_path / "two"], {})

    assert [entry.name for entry in entries] == ["far", "near", "another"]


def test_same_name(tmp_path: Path, near: dict[str, Any]) -> None:
    """Two systems of one name are refused, and the second file is named."""
    _write(tmp_path / "one", near)
    _write(tmp_path / "two", near)

    with pytest.raises(RegistryError, match=r"near\.yaml: there is another system"):
        read_systems([tmp_path / "one", tmp_path / "two"], {})


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is named, not taken for an empty one."""
    with pytest.raises(RegistryError, match="no folder of systems machines"):
        read_systems([tmp_path / "machines"], {})


def test_other_ending(tmp_path: Path) -> None:
    """A file that would never be read says how it must end."""
    (tmp_path / "near.yml").touch()

    with pytest.raises(RegistryError, match=r"near\.yml: .* ends in \.yaml"):
        read_systems([tmp_path], {})


def test_name_of_the_file(tmp_path: Path, near: dict[str, Any]) -> None:
    """A system's name is that of its file."""
    path = _write(tmp_path, near, "far")

    with pytest.raises(RegistryError, match="name must be the file's name, far"):
        read_system(path, {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "can't be read"),
        ("label: a\nlabel: b\n", "the field label stands there twice"),
        ("login: {port: 1, port: 2}", "the field port stands there twice"),
        ("? [a]\n: b\n", "can't be read"),
        ("- a", "it must be a mapping"),
        ("", "it must be a mapping"),
        ("[" * 5000, "can't be read"),
        ("x" * 300_000, "is too large"),
    ],
)
def test_unreadable_file(tmp_path: Path, text: str, reason: str) -> None:
    """A file that is no file of a system is refused by name."""
    path = tmp_path / "near.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(RegistryError, match=rf"near\.yaml:? ?.*{reason}") as caught:
        read_system(path, {})

    assert len(str(caught.value)) < 500


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(RegistryError, match=r"near\.yaml can't be read"):
        read_system(tmp_path / "near.yaml", {})
