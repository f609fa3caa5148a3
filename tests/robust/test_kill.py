"""kill -9, anywhere: in the middle of a write of the store, between two of them, at a start.

However the controller ends, what it has confirmed is there, what it has not is there whole or not at all, and the store
agrees with itself."""
import os
import random
import signal
import time

from broken import Breakable, check, copy_of
from writers import DEVICES, HOST, Facts, Reporter, Site, Writer, judge

# A turn of a writer changes files some 100 times.
CHANGES_MAX = 400
SECONDS_MAX = 0.6


def revision_of(database):
    return database.execute("SELECT plan_revision FROM hosts WHERE name = ?", (HOST,)).fetchone()[0]


def run_until_killed(controller, site, facts, turn, rng):
    """Half of the times it is killed from outside, at some time; else by itself, at some change of a file."""
    outside = rng.random() < 0.5
    at = 0 if outside else rng.randint(1, CHANGES_MAX)
    if not controller.start(at=at, torn=rng.random() < 0.5):
        return
    writers = [Writer(controller, site, facts, device, turn) for device in DEVICES]
    writers.append(Reporter(controller, site, facts, None, turn))
    for writer in writers:
        writer.start()
    if outside:
        time.sleep(rng.random() * SECONDS_MAX)
        controller.stop(signal.SIGKILL)
    else:
        controller.process.wait(timeout=120)
        controller.process = None
    for writer in writers:
        writer.join()
        if writer.error:
            raise writer.error


def test_killed_at_any_time(state, request):
    kills = request.config.getoption("--kills")
    seed = int(os.environ.get("TMIRROR_SEED", time.time_ns() & 0xffffff))
    print(f"TMIRROR_SEED={seed}")
    rng = random.Random(seed)
    controller, facts = Breakable(state), Facts()
    controller.start()
    site = Site(controller)
    controller.stop(signal.SIGKILL)
    revision = 0
    database = copy_of(controller.store)
    facts.right[HOST] = [("host", 0)]
    judge(facts, database)
    for turn in range(kills):
        plans = facts.plans
        run_until_killed(controller, site, facts, f"{seed}-{turn}", rng)
        database = copy_of(controller.store)
        check(database)
        judge(facts, database)
        assert revision_of(database) >= revision + (facts.plans > plans)
        revision = revision_of(database)
    print(f"{kills} kills, {facts.confirmed} changes confirmed")
    assert facts.confirmed > kills
    controller.start()
    shown = controller.client().get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 1000})
    assert {found["TrafficMirrorFilterId"] for page in shown for found in page["TrafficMirrorFilters"]} == \
           {thing for thing, (known,) in facts.right.items() if known and known[0] == "filter"}
    assert controller.stop() == 0
