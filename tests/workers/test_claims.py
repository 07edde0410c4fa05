import json
import os
import subprocess
import sys
import time
from collections import Counter
from multiprocessing import get_context

import pytest

from lsbench.workers import claims as module
from lsbench.workers.claims import Claims, start_of_process, this_host


def files(out):
    return sorted(path.name for path in (out / "claims").iterdir())


def leave_claim(out, owner, age=0.0, name="a.0"):
    path = out / "claims" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(owner if isinstance(owner, str) else json.dumps(owner))
    then = time.time() - age
    os.utime(path, (then, then))


def someone(host=None, pid=None, born="1"):
    return {"host": host or module.this_host(), "pid": pid or os.getpid(), "born": born}


def test_a_cell_is_claimed_by_one_run_at_a_time(tmp_path):
    with Claims(tmp_path) as first, Claims(tmp_path) as second:
        assert first.take(["a", "b"])
        assert not second.take(["b"])
        first.release(["b"])
        assert second.take(["b"])


def test_claims_are_all_or_none(tmp_path):
    with Claims(tmp_path) as first, Claims(tmp_path) as second:
        first.take(["b"])
        assert not second.take(["a", "b", "c"])
        assert files(tmp_path) == ["b.0"]


def test_leaving_gives_up_everything(tmp_path):
    with Claims(tmp_path) as claims:
        claims.take(["a", "b"])
    assert files(tmp_path) == []


def test_the_claim_of_a_dead_process_is_taken_over(tmp_path):
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    leave_claim(tmp_path, someone(pid=done.pid))
    with Claims(tmp_path) as claims:
        assert claims.take(["a"])
        assert files(tmp_path) == ["a.0", "a.1"]
    assert files(tmp_path) == []


def test_a_later_process_of_the_same_number_is_not_the_owner(tmp_path):
    leave_claim(tmp_path, someone(born="0"))
    with Claims(tmp_path) as claims:
        assert claims.take(["a"])


def test_the_claim_of_a_living_process_stands(tmp_path):
    leave_claim(tmp_path, someone(born=start_of_process(os.getpid())))
    with Claims(tmp_path) as claims:
        assert not claims.take(["a"])


@pytest.mark.parametrize(("age", "free"), [(0, False), (30, False), (90, True)])
def test_a_claim_from_another_host_stands_while_its_heart_beats(tmp_path, age, free):
    leave_claim(tmp_path, someone(host="elsewhere"), age)
    with Claims(tmp_path) as claims:
        assert claims.take(["a"]) is free


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 3}', "null", "\xff", "[" * 200_000])
def test_a_torn_claim_stands_until_it_is_old(tmp_path, content):
    leave_claim(tmp_path, content)
    with Claims(tmp_path) as claims:
        assert not claims.take(["a"])
        leave_claim(tmp_path, content, age=90)
        assert claims.take(["a"])


def test_heartbeats_keep_a_claim_fresh(tmp_path):
    with Claims(tmp_path, heartbeat=0.02) as claims:
        claims.take(["a"])
        leave = time.time() - 90
        os.utime(tmp_path / "claims/a.0", (leave, leave))
        deadline = time.time() + 10
        while time.time() - (tmp_path / "claims/a.0").stat().st_mtime > 5 and time.time() < deadline:
            time.sleep(0.01)
        assert time.time() - (tmp_path / "claims/a.0").stat().st_mtime < 5


def test_an_owner_that_slept_too_long_leaves_its_successors_claim_alone(tmp_path):
    with Claims(tmp_path, heartbeat=99) as sleeper, Claims(tmp_path) as successor, Claims(tmp_path) as third:
        sleeper.take(["a"])
        long_ago = time.time() - 90
        os.utime(tmp_path / "claims/a.0", (long_ago, long_ago))
        assert successor.take(["a"])
        sleeper.release(["a"])
        assert files(tmp_path) == ["a.1"]
        assert not third.take(["a"])


def test_claims_name_only_their_own_cell(tmp_path):
    with Claims(tmp_path) as claims:
        leave_claim(tmp_path, someone(born=start_of_process(os.getpid())), name="ab.0")
        assert claims.take(["a"])


def _grab(out, start, results):
    with Claims(out) as claims:
        start.wait()
        results.put([cell for cell in map(str, range(40)) if claims.take([cell])])
        start.wait()  # hold them until everyone has tried


def test_processes_that_race_for_stale_claims_get_each_cell_once(tmp_path):
    for cell in range(0, 40, 2):
        leave_claim(tmp_path, someone(host="elsewhere"), age=90, name=f"{cell}.0")
    spawn = get_context("spawn")
    start, results = spawn.Barrier(3), spawn.Queue()
    racers = [spawn.Process(target=_grab, args=(tmp_path, start, results)) for _ in range(3)]
    for racer in racers:
        racer.start()
    taken = Counter(cell for _ in racers for cell in results.get(timeout=60))
    for racer in racers:
        racer.join(timeout=60)
    results.close()
    results.join_thread()
    assert set(taken.values()) == {1}
    assert len(taken) == 40


def test_dead_claims_of_finished_cells_are_cleared_and_living_ones_stay(tmp_path):
    with Claims(tmp_path) as living, Claims(tmp_path) as other:
        assert living.take(["held"])
        dead = tmp_path / "claims" / "dead.0"
        dead.write_text(json.dumps({"host": this_host(), "pid": 2**22 + 1, "born": "long ago"}))
        other.clear({"dead", "held", "without a claim"})
        assert not dead.exists()
        assert (tmp_path / "claims" / "held.0").exists()
