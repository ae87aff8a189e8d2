"""What an operator chooses for a tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agave_local.outgoing.policy import FROM_LOOPBACK, Reach
from agave_local.services.actors.runner.images import Images
from agave_local.services.actors.runner.limits import Limits
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.watch import Pace
from agave_local.services.profiles.passwords import PASSWORD_COST


@dataclass(frozen=True)
class TenantSettings:
    """What an operator chooses.

    Attributes:
        data: folder of everything the tenant keeps.
        base_url: the address callers use, without a trailing slash.
        code: the tenant's name in Abaco's ids.
        images: image name → importable package, or `Program`, that the process
            runner has processes of.
        runner: `process` (fork servers) or `inline` (in this very process, for
            `mock_agave`, where no other process could reach the tenant).
        password_cost: of scrypt; only tests choose a cheaper one.
        unconfined_jobs: whether jobs may do without a sandbox where there can be
            none, for one user at a time.
        jobs: what runs jobs on the tenant's own machine: `container`, `sandbox`, or
            `auto`, containers where they can be had, else sandboxes.
        job_engine: address of a Docker-API engine on this machine for them; that of
            `docker` where empty.
        job_image: their containers' image; there are none where empty.
        job_mib: that the folder of one job may hold, inputs and outputs together.
        job_patience: with machines of jobs that do not answer.
        job_pace: of looking at the jobs of other machines.
        control: whether `/local` answers callers that are not administrators.
        outgoing: kinds of addresses that the tenant itself may call, for webhooks
            and notifications; see `outgoing/policy.py`.
        gateway_key: RSA public key (PEM, or base64 of DER) of the gateway whose
            assertions say who is calling; none are believed where empty.
        case: `camel` or `snake`, how Abaco's fields are written.
        abaco_version: that Abaco's answers name.
        mounts: what every actor's container would see of its host, each with
            `host_path`, `container_path` and `mode`.
        autoscaling: whether actors get and lose workers as their messages come.
        waiting_limit: of one user's messages that wait for one actor.
        execution_limits: how much each execution may take.
        docker: address of a Docker-API engine on this machine, which runs the images
            that are not in `images`; none where empty.
        docker_network: of its containers; the engine's default where empty, `host`
            for this machine's own.
        docker_api_server: the tenant's address as its containers see it, who know this
            machine as `host.docker.internal`; `base_url` where empty.
        docker_user: `uid:gid` that containers run as; their image's where empty.
        docker_pulls: whether images that are not here come from their registries.
        neighbours: code and base URL of every tenant of the server, this one
            included; empty for one that is alone.
    """

    data: Path
    base_url: str
    code: str = "LOCAL"
    images: Images = field(default_factory=dict)
    runner: str = "process"
    password_cost: int = PASSWORD_COST
    unconfined_jobs: bool = False
    jobs: str = "auto"
    job_engine: str = ""
    job_image: str = ""
    job_mib: int = 4096
    job_patience: Patience = field(default_factory=Patience)
    job_pace: Pace = field(default_factory=Pace)
    control: bool = False
    outgoing: frozenset[Reach] = FROM_LOOPBACK
    gateway_key: str = ""
    case: str = "camel"
    abaco_version: str = ":dev"
    mounts: Sequence[Mapping[str, str]] = ()
    autoscaling: bool = True
    waiting_limit: int = 1_000_000
    neighbours: Mapping[str, str] = field(default_factory=dict)
    execution_limits: Limits = field(default_factory=Limits)
    docker: str = ""
    docker_network: str = ""
    docker_api_server: str = ""
    docker_user: str = ""
    docker_pulls: bool = True
