"""What a job on a real machine sees of the tenant and of other people's jobs."""

import json
import os
from pathlib import Path

import pytest

from agave_local.services.jobs.scenes import SLURM_HERE, SSH_WAYS, WAYS, Scene
from agave_local.services.jobs.testing import STORAGE
from agave_local.testing import PASSWORD

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")
TOKEN = "TENANT_SECRET"


@pytest.fixture(name="secret", autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a secret into the tenant's environment."""
    secret = "swordfish-2718"
    monkeypatch.setenv(TOKEN, secret)
    return secret


@pytest.fixture(name="other_file")
def _other_file(scene: Scene) -> Path:
    """Put a file into somebody else's home; return where it is."""
    bert = scene.agave.client("bert")
    sent = {"fileToUpload": ("private.txt", b"bert's own words")}
    assert bert.post(f"/files/v2/media/system/{STORAGE}/bert", files=sent).ok
    return scene.agave.tenant.settings.data / "storage" / STORAGE / "bert/private.txt"


@pytest.mark.parametrize("way", [SLURM_HERE])
def test_wall_of_this_machine(scene: Scene, other_file: Path, secret: str) -> None:
    """A job by the tenant's own Slurm sees its work folder and the system's files."""
    data = scene.agave.tenant.settings.data.resolve()
    slurm_conf = os.environ["SLURM_CONF"]
    assert other_file.is_file()
    other_job = scene.submit("echo hidden >mine; sleep 60")
    job_id = scene.submit(
        f"for path in {data}/tenant.sqlite {data} {data}/secrets {other_file}"
        f" {scene.base} {slurm_conf} /root /home; do\n"
        '  cat "$path" || ls "$path"; done\n'
        f"grep -ral '{secret}' /proc/[0-9]*/environ\n"
        "touch /usr/x /etc/x /x; id -u; pwd; env; ls / /job; ls /sys/class/net\n"
        "cat /proc/[0-9]*/cmdline | tr '\\0' ' '\n"
        "squeue; sbatch --wrap true; true",
    )

    job = scene.wait(job_id)

    out, err = (scene.read(job_id, f"job.{kind}").decode() for kind in ("out", "err"))
    assert job["status"] == "FINISHED", job
    assert err.count("No such file or directory") >= 7, err
    assert err.count("Read-only file system") == 3, err
    assert out.splitlines()[:2] == ["1000", "/job"]
    for word in ("bert", secret, TOKEN, "SLURM", str(data), "hidden"):
        assert word not in out, word
    assert "Submitted batch job" not in out
    scene.stop(other_job)


@pytest.mark.parametrize("way", [SLURM_HERE])
def test_wall_refuses_calls(scene: Scene) -> None:
    """The filter of system calls holds, and there is no network."""
    job_id = scene.submit(
        "grep -h -E 'Seccomp:|NoNewPrivs:|CapEff:' /proc/self/status\n"
        "touch f; chmod 4755 f; stat -c %a f; wc -l </proc/net/route"
    )

    scene.wait(job_id)

    assert scene.read(job_id, "job.out").decode().split() == [
        *("CapEff:", "0000000000000000", "NoNewPrivs:", "1", "Seccomp:", "2"),
        *("600", "1"),
    ]


@pytest.mark.parametrize("way", [SLURM_HERE])
def test_job_can_not_forge_its_end(scene: Scene) -> None:
    """What its script notes about it is out of the job's reach."""
    job_id = scene.submit(
        f"echo '{{}}' >{scene.base}/.jobs/exit.json; ls -a . ..; ls /job/.jobs; exit 5"
    )

    job = scene.wait(job_id)

    assert (job["status"], job["exitCode"]) == ("FAILED", 5)
    assert ".jobs" not in scene.read(job_id, "job.out").decode()


@pytest.mark.parametrize("way", SSH_WAYS)
def test_account_of_a_machine(scene: Scene, secret: str) -> None:
    """A job over SSH runs as the account, and gets nothing of the tenant's own."""
    job_id = scene.submit("id -un; pwd; env; umask; ls -l /proc/self/fd")

    scene.wait(job_id)

    out = scene.read(job_id, "job.out").decode()
    user, folder = out.splitlines()[:2]
    assert user == os.environ.get("USER", user)
    assert folder == str(scene.base / "anna" / f"job-{job_id}-job")
    for word in (secret, TOKEN, PASSWORD, "SSH_", "IPT_"):
        assert word not in out, word
    assert "socket:" not in out


@pytest.mark.parametrize("way", SSH_WAYS)
def test_files_are_the_accounts_own(scene: Scene) -> None:
    """Nobody else on the machine can look into a job's folders."""
    job_id = scene.submit("cd ..; stat -c %a . ../.jobs ../.jobs/*; umask")

    scene.wait(job_id)

    assert set(scene.read(job_id, "job.out").decode().split()) == {"700", "0077"}


@pytest.mark.parametrize("way", WAYS)
def test_owner_learns_no_secret(scene: Scene) -> None:
    """Neither a job's document, nor its history, nor its system tells a credential."""
    job_id = scene.submit("true")
    scene.wait(job_id)

    system = scene.owner.get(f"/systems/v2/{scene.system}")
    told = json.dumps(
        [scene.get(job_id), scene.history(job_id), system.json()["result"]]
    )

    assert system.ok
    assert "PRIVATE KEY" not in told
