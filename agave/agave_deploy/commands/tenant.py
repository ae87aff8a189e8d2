"""The commands that deploy to a tenant: `plan`, `apply`, `redeploy` and the others."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agave_deploy.errors import ProfileError
from agave_deploy.local_stack.local_profile import DATA_FOLDER, PROFILE_FILE
from agave_deploy.profiles.profile import read_profile
from agave_deploy.upkeep.deployment import Deployment
from agave_deploy.upkeep.redeploy import PATIENCE_S, Redeployment

__all__ = ["Add", "add_deploy_commands", "add_profile_options", "open_deployment"]

Say = Callable[[str], None]
Add = Callable[..., argparse.ArgumentParser]
_NAME: Final = "a function, such as terminal"


def add_deploy_commands(add: Add, say: Say) -> None:
    """Add the commands with their arguments, and what they run.

    Args:
        add: adds a command, by its name.
        say: takes one line for the person.
    """
    plan = add("plan", help="print what apply would do")
    plan.set_defaults(run=lambda options: _plan(options, say))
    apply = add("apply", help="bring a tenant to what the checkout is")
    apply.set_defaults(run=lambda options: _apply(options, say))
    redeploy = add("redeploy", help="one function, and nothing else")
    redeploy.set_defaults(run=lambda options: _redeploy(options, say))
    rollback = add("rollback", help="a function's image of before")
    rollback.add_argument("--to", metavar="IMAGE", default="", help="that it once had")
    rollback.set_defaults(run=lambda options: _rollback(options, say))
    status = add("status", help="what runs; 1 if there is work to do")
    status.add_argument("--json", action="store_true", help="for a program")
    status.set_defaults(run=lambda options: _status(options, say))
    for command in (redeploy, rollback):
        command.add_argument("name", metavar="NAME", help=_NAME)
        command.add_argument(
            "--patience",
            type=float,
            metavar="SECONDS",
            default=PATIENCE_S,
            help=f"how long the new revision may take (default: {PATIENCE_S:g})",
        )
    for command in (plan, apply, redeploy, rollback, status):
        add_profile_options(command)


def add_profile_options(command: argparse.ArgumentParser) -> None:
    """Give a command the options that say which tenant is meant."""
    command.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="of the tenant (default: that of the local stack)",
    )
    command.add_argument(
        "--data", type=Path, metavar="FOLDER", help="of the local stack"
    )


def open_deployment(options: argparse.Namespace) -> Deployment:
    """Return the deployment that the options mean.

    Raises:
        DeployError: There is no such profile, or a file is wrong.
    """
    path: Path | None = options.profile
    if path is None:
        data = options.data or options.root / DATA_FOLDER
        path = data / "run" / PROFILE_FILE
        if not path.is_file():
            raise ProfileError(
                f"There is no local stack in {data}; `up` makes one, --data names "
                "another folder, and --profile another tenant."
            )
    return Deployment.of_checkout(options.root, read_profile(path))


def _plan(options: argparse.Namespace, say: Say) -> int:
    say(open_deployment(options).plan().to_diff())
    return 0


def _apply(options: argparse.Namespace, say: Say) -> int:
    done = open_deployment(options).apply(say)
    if not done.steps:
        say(str(done))
    return 0


def _redeploy(options: argparse.Namespace, say: Say) -> int:
    deployment = open_deployment(options)
    function = deployment.function(options.name)
    image = deployment.image(function)
    _redeployment(deployment, options, say).redeploy(function, image)
    return 0


def _rollback(options: argparse.Namespace, say: Say) -> int:
    deployment = open_deployment(options)
    function = deployment.function(options.name)
    _redeployment(deployment, options, say).roll_back(function, options.to)
    return 0


def _redeployment(
    deployment: Deployment, options: argparse.Namespace, say: Say
) -> Redeployment:
    return Redeployment(
        deployment.sign_in(), deployment.profile, say, patience_s=options.patience
    )


def _status(options: argparse.Namespace, say: Say) -> int:
    overview = open_deployment(options).overview()
    say(json.dumps(overview.to_json(), indent=2) if options.json else str(overview))
    return 0 if overview.is_well else 1
