"""How fast the tenant is, next to floors that are measured in the same run.

`python bench/tenant.py [--quick]` serves tenants of its own on free ports:

* start and memory of an idle tenant;
* the round trip of a synchronous message, next to starting the smallest program and
  an empty request of the same server: no message can be faster than these together;
* synchronous messages of 16 clients at once;
* 100,000 messages to an actor that works none of them off, and what they cost in
  memory;
* pages of lists of 10,000 jobs and 10,000 metadata records.

Transfers of large files are measured by `bench/transfer.py`.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agave_local.call import Identity
from agave_local.clock import Ids
from agave_local.services.jobs.summaries import Summaries
from agave_local.services.jobs.testing import APP, add_app, add_execution, add_storage
from agave_local.tenant import Tenant
from bench.load import Outcome, load, send_all
from bench.stage import SERVICE, USER, Stage, empty_server, fork_and_exec, tenant

WARM_UP = 100
RECORDS = 10_000
PAGES = (0, 100, 5_000, 9_900)
_PAGE = 100
_METADATA = "/meta/v2/data"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    share = 10 if parser.parse_args().quick else 1
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with _stage() as stage:
        _idle(stage)
        _round_trip(stage, 1000 // share)
        _clients(stage, 5000 // share)
    with _stage() as stage:
        _queue(stage, 100_000 // share)
    with _stage(_add_jobs) as stage:
        _add_metadata(stage)
        _pages(stage, 200 // share)
    return 0


@contextmanager
def _stage(prepare: Callable[[Tenant], None] | None = None) -> Iterator[Stage]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        tenant(Path(folder), prepare) as stage,
    ):
        yield stage


def _idle(stage: Stage) -> None:
    print(f"start to first answer {stage.ready_s:.2f} s, idle {stage.memory():.0f} MiB")


def _round_trip(stage: Stage, number: int) -> None:
    path = f"/actors/v2/{stage.add_actor()}/messages"
    message = stage.request(
        "POST", f"{path}?_abaco_synchronous=true", {"message": "hello"}
    )
    messages = _one_by_one(stage.address, message, number)
    with empty_server() as address:
        empty = _one_by_one(address, message, number)
    starts = fork_and_exec(WARM_UP + number)[WARM_UP:]
    floor = statistics.median(empty) + statistics.median(starts)
    print(f"{'':<36}{'p50 ms':>9}{'p95 ms':>9}{'p50 / floor':>13}")
    for name, sample in (
        ("synchronous echo message, warm", messages),
        ("floor: empty request, same server", empty),
        ("floor: fork, exec, exit, wait", starts),
    ):
        p50 = statistics.median(sample)
        print(f"{name:<36}{p50:>9.2f}{_p95(sample):>9.2f}{p50 / floor:>13.1f}")


def _one_by_one(address: tuple[str, int], request: bytes, number: int) -> list[float]:
    send_all(address, [request], 1, WARM_UP)
    return _checked(send_all(address, [request], 1, number)).times


def _clients(stage: Stage, number: int) -> None:
    path = f"/actors/v2/{stage.add_actor()}/messages?_abaco_synchronous=true"
    request = stage.request("POST", path, {"message": "hello"})
    load(stage.address, [request], clients=16, number=WARM_UP)
    outcome = _checked(load(stage.address, [request], clients=16, number=number))
    print(
        f"16 clients, synchronous: {outcome.rate:.0f} messages/s, "
        f"p95 {_p95(outcome.times):.1f} ms"
    )


def _queue(stage: Stage, number: int) -> None:
    actor = stage.add_actor(stateless=False)
    path = f"/actors/v2/{actor}/messages"
    # A stateful actor has one worker, and this message keeps it for an hour.
    stage.ask("POST", path, {"message": "3600"}, USER)
    request = stage.request("POST", path, {"message": "hello " * 20})
    _checked(load(stage.address, [request], clients=16, number=WARM_UP))
    before = stage.memory()
    outcome = _checked(load(stage.address, [request], clients=16, number=number))
    grown = stage.memory() - before
    waiting = stage.ask("GET", path)["result"]["messages"]
    print(
        f"{number} messages queued: {outcome.rate:.0f} accepted/s, "
        f"p95 {_p95(outcome.times):.1f} ms, memory {grown:+.0f} MiB, {waiting} wait"
    )


def _add_jobs(down: Tenant) -> None:
    """Put jobs of the user and of another one into a tenant: copies of a real one."""
    add_storage(down)
    add_execution(down)
    add_app(down, "true")
    job = down.jobs.submit(
        Identity(USER), {"name": "bench", "appId": APP, "archivePath": f"{USER}/out"}
    )
    job |= {"status": "FINISHED"}
    ids = Ids()
    summaries = Summaries(down.store)
    with down.store.transaction():
        for number in range(2 * RECORDS):
            identifier = ids.uuid(Ids.JOB) if number else job["id"]
            owner = SERVICE if number % 2 else USER
            copy = {**job, "id": identifier, "owner": owner}
            down.store.put("job", identifier, copy)
            summaries.keep(copy)


def _add_metadata(stage: Stage) -> None:
    requests = [
        stage.request("POST", _METADATA, {"name": "bench", "value": {"size": 1}}, user)
        for user in (USER, SERVICE)
    ]
    outcome = _checked(load(stage.address, requests, clients=8, number=2 * RECORDS))
    print(f"{2 * RECORDS} metadata records made: {outcome.rate:.0f}/s")


def _pages(stage: Stage, number: int) -> None:
    for name, path in (("jobs", "/jobs/v2"), ("metadata", _METADATA)):
        for offset in PAGES:
            address = f"{path}?limit={_PAGE}&offset={offset}"
            found = len(stage.ask("GET", address, user=USER)["result"])
            times = _one_by_one(stage.address, stage.request("GET", address), number)
            print(
                f"{name}, page of {found} at {offset:>5}: p50 "
                f"{statistics.median(times):.1f} ms, p95 {_p95(times):.1f} ms"
            )


def _checked(outcome: Outcome) -> Outcome:
    if outcome.refused:
        raise SystemExit(f"The tenant refused: {outcome.refused}")
    return outcome


def _p95(sample: list[float]) -> float:
    return statistics.quantiles(sample, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
