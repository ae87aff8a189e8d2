"""The cores that the tenant and what it starts may use."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="the system has no affinity"
)
PROGRAM = """
import json, os, sys, threading
from agave_local.cores import keep_to_one, on_all_cores

seen = []
def note():
    seen.append(len(os.sched_getaffinity(0)))

def start():
    thread = threading.Thread(target=note)
    thread.start()
    thread.join()

with on_all_cores():
    start()
keep_to_one()
start()
with on_all_cores():
    start()
start()
json.dump(seen, sys.stdout)
"""


def test_threads_share_a_core_and_programs_have_all() -> None:
    """Only what is started on purpose on all cores has more than one."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True
    )
    every = len(os.sched_getaffinity(0))

    assert json.loads(told.stdout) == [every, 1, every, 1]
