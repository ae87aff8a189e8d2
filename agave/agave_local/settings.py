"""What an operator chooses for a tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agave_local.services.profiles.models import PASSWORD_COST


@dataclass(frozen=True)
class TenantSettings:
    """What an operator chooses.

    Attributes:
        data: folder of everything the tenant keeps.
        base_url: the address callers use, without a trailing slash.
        code: the tenant's name in Abaco's ids.
        images: image name → importable package that the process runner forks.
        runner: `process` (fork servers) or `inline` (in this very process, for
            `mock_agave`, where no other process could reach the tenant).
        password_cost: of scrypt; only tests choose a cheaper one.
        unconfined_jobs: whether jobs may do without a sandbox where there can be
            none, for one user at a time.
        control: whether `/local` answers callers that are not administrators.
    """

    data: Path
    base_url: str
    code: str = "LOCAL"
    images: Mapping[str, str] = field(default_factory=dict)
    runner: str = "process"
    password_cost: int = PASSWORD_COST
    unconfined_jobs: bool = False
    control: bool = False
