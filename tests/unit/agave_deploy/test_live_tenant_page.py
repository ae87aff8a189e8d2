"""docs/live-tenant.md says what is so."""

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from agave_deploy.bundle.actors_file import read_functions
from agave_deploy.cli import main
from agave_deploy.profiles.profile import Profile, read_profile
from iptweb.settings import read_settings
from iptweb.testing import make_settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/live-tenant.md").read_text("utf-8")
DONE_THEN = (
    *("docker and compose", "docker/nginx/ssl", "AGAVE_SERVICE_TOKEN", "hosts file"),
    *("docker-compose up", "rebuild `ipt-web`", "ACTOR_ID", "ADMIN_USERS", "/webterm"),
    *("CALL_ACTOR", "set_ready", "register systems", "storage system by environment"),
)


def test_profile_of_the_page(tmp_path: Path) -> None:
    """The profile that is shown can be taken as it is."""
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "prod.yaml"
    file.write_text(text, "utf-8")

    profile = read_profile(file)

    assert profile.storage["ipt.site"].root == "/srv/ipt/site"
    assert profile.storage["ipt.site"].host == "data.example.org"
    settings = {**make_settings(), **profile.settings}
    assert read_settings(settings, "test").terminals.hosts[0].name == "node1"
    assert yaml.safe_load(text).keys() >= {"images", "limits", "systems", "storage"}


def test_page_has_every_key() -> None:
    """Every key that a profile may have is explained."""
    keys = [each.name for each in dataclasses.fields(Profile)]

    named = re.findall(r"^([a-z_]+):|`([a-z_]+)(?::[^`]*)?`", PAGE, re.MULTILINE)

    assert set(keys) <= {name for pair in named for name in pair}


def test_commands_of_the_page() -> None:
    """Every command that is named is there, with all of its words and options."""
    named = set(re.findall(r"agave-deploy ([a-z-]+(?: [a-z-]+)?)", PAGE))

    for words in sorted(named):
        first, *more = words.split()
        verbs = more if first in {"profile", "terminal", "system"} else []
        with pytest.raises(SystemExit) as end:
            main([first, *verbs, "--help"])
        assert end.value.code == 0, words
    assert {"apply", "profile check", "terminal launch"} <= named


def test_build_commands_of_the_page() -> None:
    """What is asked of build.sh is what it says it can do."""
    usage = subprocess.run(
        [ROOT / "build.sh", "--help"], capture_output=True, text=True, check=False
    )

    for command in set(re.findall(r"build\.sh ([a-z]+)", PAGE)):
        assert f"./build.sh {command}" in usage.stdout + usage.stderr


def test_every_procedure_has_its_counterpart() -> None:
    """Whatever the first site's operators did stands in the table, with what is now."""
    table = re.search(r"\| then \| now \|\n(.*?)\n\n", PAGE, re.DOTALL)
    assert table
    rows = [line.split(" | ") for line in table[1].splitlines()[1:]]

    for done in DONE_THEN:
        assert [row for row in rows if done in row[0]], done
    assert all(len(row) == 2 for row in rows)


def test_secrets_of_the_page() -> None:
    """The table of secrets names who gets each, as actors.yaml has it."""
    for function in read_functions(ROOT):
        for secret in function.secrets:
            row = next(line for line in PAGE.splitlines() if f"| `{secret}`" in line)
            assert f"`{function.name}`" in row
