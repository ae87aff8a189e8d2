"""How the wrappers find a module system, and what they make of its answers."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

APPS = Path(__file__).parents[3] / "agave" / "apps"
# A little module system: it knows what lies in MODULEPATH, and says what it loads.
SYSTEM = """
module() {
  [ "$1" = load ] || return 1
  case $2 in
    old/*) echo "ModuleCmd_Load.c(213):ERROR:105: Unable to find '$2'" >&2; return ;;
  esac
  [ -f "$MODULEPATH/$2" ] || { echo "Unknown module: $2" >&2; return 1; }
  . "$MODULEPATH/$2"
  echo "loaded $2" >&2
}
[ "$#" -eq 0 ] && echo "a greeting on standard output"
"""
VALUES = {
    "ipt-build": {"command": "./compiler", "output": "heat", "driver": "heat.c"},
    "ipt-run": {"binary": "program"},
    "ipt-build-run": {
        "compileCommand": "./compiler",
        "output": "heat",
        "driver": "heat.c",
    },
    "ipt-compare": {"serial": "program", "parallel": "program", "counts": "1"},
}


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Path:
    """Return the folder of a module system with two modules."""
    site = tmp_path / "site"
    (site / "init").mkdir(parents=True)
    (site / "init" / "bash").write_text(SYSTEM, "utf-8")
    (site / "files" / "gcc").mkdir(parents=True)
    (site / "files" / "gcc" / "12.2").write_text("export GCC=12.2\n", "utf-8")
    (site / "files" / "mpi+x").write_text("export MPI=$GCC-x\n", "utf-8")
    return site


@pytest.fixture(autouse=True)
def _staged(bench: Any, recorded: None) -> None:
    del recorded
    bench.put("heat.c", "")
    bench.put("program", '#!/bin/sh\necho "$GCC $MPI" >seen\n')
    bench.put("compiler", '#!/bin/sh\necho "$GCC $MPI" >seen\ncp program heat\n')
    (bench.folder / "compiler").chmod(0o755)


@pytest.mark.parametrize("app", VALUES)
@pytest.mark.parametrize("way", ["MODULESHOME", "LMOD_PKG", "BASH_ENV"])
def test_modules_are_loaded(run_app: Any, site: Path, app: str, way: str) -> None:
    """Modules are loaded in their order, for compilers and for programs."""
    place = site / "init" / "bash" if way == "BASH_ENV" else site

    ended = run_app(
        app,
        VALUES[app] | {"modules": "gcc/12.2 mpi+x"},
        env={way: str(place), "MODULEPATH": str(site / "files")},
    )

    assert ended.code == 0, ended.err
    assert ended.file("seen") == "12.2 12.2-x\n"
    assert "loaded gcc/12.2\nloaded mpi+x\n" in ended.err
    assert not (ended.folder / ".ipt-modules").exists()


@pytest.mark.parametrize("app", VALUES)
@pytest.mark.parametrize("name", ["gcc/13", "old/gcc"])
def test_unknown_module(run_app: Any, site: Path, app: str, name: str) -> None:
    """A module that can't be loaded ends the job by its name, before anything runs."""
    ended = run_app(
        app,
        VALUES[app] | {"modules": f"gcc/12.2 {name}"},
        env={"MODULESHOME": str(site), "MODULEPATH": str(site / "files")},
    )

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert f"The module '{name}' could not be loaded." in ended.err
    assert "Unknown module: gcc/13" in ended.err or "Unable to find" in ended.err
    assert ended.file("seen") is None


@pytest.mark.parametrize("app", VALUES)
def test_no_module_system(run_app: Any, app: str) -> None:
    """Modules are passed over, and said to be, where there is no module system."""
    ended = run_app(app, VALUES[app] | {"modules": "gcc/12.2"})

    assert ended.code == 0
    assert "There is no module system here; no module is loaded." in ended.err


@pytest.mark.parametrize("name", ["-f", "a;b", "'a b'", "$(x)", "ä", "''", ".x"])
def test_no_name_of_a_module(run_app: Any, site: Path, name: str) -> None:
    """Only what can be the name of a module reaches the module system."""
    ended = run_app(
        "ipt-run",
        VALUES["ipt-run"] | {"modules": f"gcc/12.2 {name}"},
        env={"MODULESHOME": str(site), "MODULEPATH": str(site / "files")},
    )

    assert ended.code == 64
    assert "is not the name of a module." in ended.err
    assert "loaded" not in ended.err


@pytest.mark.parametrize(
    "place",
    [
        "etc/profile.d/z00_lmod.sh",
        "etc/profile.d/modules.sh",
        "usr/share/lmod/lmod/init/bash",
        "usr/share/Modules/init/bash",
        "opt/apps/lmod/lmod/init/bash",
        "usr/local/lmod/lmod/init/bash",
    ],
)
def test_usual_places(tmp_path: Path, site: Path, place: str) -> None:
    """A shell that is no login shell finds the system where a login would."""
    path = tmp_path / "root" / place
    path.parent.mkdir(parents=True)
    path.write_text(SYSTEM, "utf-8")
    first = tmp_path / "root/etc/profile.d/00-modulepath.sh"
    first.parent.mkdir(parents=True, exist_ok=True)
    first.write_text(f"MODULEPATH={site}/files\n", "utf-8")
    script = 'tell_failure() { :; }; . "$1"; find_module_system "$2"; module load mpi+x'

    done = subprocess.run(
        ["bash", "-c", script, "bash", APPS / "ipt-lib.sh", tmp_path / "root"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "loaded mpi+x\n")
