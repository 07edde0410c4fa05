"""What a run must survive, at any size: short in the tests, long as `make torture`.

Every check returns a line that says what was seen, and raises AssertionError where something finished was lost, trained
twice, or came out otherwise.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter, sleep

from lsbench.rows import provenance, store
from lsbench.rows.row import Row
from lsbench.spec import Cell
from lsbench.workers.claims import Claims

SEEDS = 8  # of three losses each
LONGEST = 600  # seconds that a run may take before it counts as hung
START = [sys.executable, "-m", "lsbench"]
LINE = ("--dataset", "blobs", "--model", "mlp", "--noise", "0.2", "--jobs", "2")


def command(out, *options):
    line = [*START, "run", *LINE, "--out", str(out), *map(str, options)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True)


def run(out, *options):
    process = command(out, *options)
    err = process.communicate(timeout=LONGEST)[1]
    return process.returncode, err


def row_files(out):
    return {path.name: path.stat() for path in (out / "cells").glob("*/*.json")}


def results(out):
    """Every stored row without what may differ: times and provenance."""
    rows, warnings = store.read(out)
    assert not warnings, warnings
    return {row.id: (row.status, row.metrics, row.curves, row.noise_record, row.stack) for row in rows}


def undisturbed(folder, options):
    """What every other check compares with; options: of the command, how long it trains."""
    assert run(folder / "calm", *options)[0] == 0
    return folder / "calm"


def at_random(longest, seed=0):
    """Moments to be killed at: any, while Python starts as well as while rows are written."""
    chance = random.Random(seed)
    return lambda process, out: sleep(chance.uniform(0, longest))


def after_rows(count):
    """Moments to be killed at: as soon as so many rows are there that were not there before."""

    def wait(process, out):
        before = len(row_files(out))
        while process.poll() is None and len(row_files(out)) < before + count:
            sleep(0.01)

    return wait


def kills_lose_nothing(folder, calm, kills, options, moment):
    """kill -9 at some moments, resumed each time: the rows of an undisturbed run, none written twice."""
    stormy, cells = folder / "stormy", len(results(calm))
    seen, killed_while_training = {}, 0
    for i in range(kills):
        process = command(stormy, *options)
        moment(process, stormy)
        killed_while_training += process.poll() is None
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL) if i % 2 else process.kill()
        process.communicate()
        now = row_files(stormy)
        for name, stat in seen.items():
            assert (now[name].st_mtime_ns, now[name].st_ino) == (stat.st_mtime_ns, stat.st_ino), f"{name} written again"
        seen = now
    left = cells - len(seen)
    code, err = run(stormy, *options)
    assert code == 0, err
    assert results(stormy) == results(calm)
    assert not list((stormy / "claims").iterdir())
    return (
        f"{kills} kill -9 ({killed_while_training} of a living run), {left} of {cells} cells left after the last: "
        + ("every cell present once, none written twice, rows equal those of an undisturbed run bit for bit")
    )


def two_runs_share_a_folder(folder, calm, options):
    """Two runs at once in one folder: each cell trained by one of them."""
    out = folder / "shared"
    processes = [command(out, *options) for _ in range(2)]
    errs = [process.communicate(timeout=LONGEST)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errs
    trained = [
        Counter(line.split("] ")[1].split(":")[0] for line in err.splitlines() if "accuracy" in line) for err in errs
    ]
    both = trained[0] + trained[1]
    assert len(both) == len(results(calm)) == len(results(out)), both
    assert set(both.values()) == {1}, both
    return (
        f"two runs of one folder trained {trained[0].total()} + {trained[1].total()} of {len(both)} cells, none twice"
    )


def a_full_disk_tears_no_row(folder, calm, options, filled=lambda: None):
    """A disk (a tmpfs; needs root) that fills up in mid-run: the run says so, what it kept is whole, and it goes on.

    filled: called once it is full.
    """
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        return "full disk: skipped, mounting a tmpfs is not allowed here"
    try:
        process = command(disk / "r", *options)
        while process.poll() is None and not row_files(disk / "r"):
            sleep(0.01)
        fill(disk / "ballast")
        filled()
        err = process.communicate(timeout=LONGEST)[1]
        assert process.returncode == 1, err
        assert "No space left on device; the rows" in err, err
        assert "Traceback" not in err, err
        kept = len(results(disk / "r"))
        assert run(disk / "r", *options)[0] == 2  # known before it starts
        (disk / "ballast").unlink()
        assert run(disk / "r", *options)[0] == 0
        assert results(disk / "r") == results(calm)
    finally:
        subprocess.run(["umount", disk], check=True)
    seen = "exit code 1, refused while full, complete once there is room"
    return f"a disk that fills up: {seen}; {kept} rows kept, all whole"


def fill(path):
    """Write until nothing goes in."""
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(512))
            except OSError:
                return


def bookkeeping_per_cell(folder, rows=300):
    """Seconds that claiming, writing (fsync included) and releasing one row take."""
    out = folder / "book"
    metrics, curves = {"accuracy": 0.5, "ece": 0.1}, {f"curve{i}": [0.123456789] * 10 for i in range(20)}
    measured = {"metrics": metrics, "curves": curves, "noise_record": {"realised": 0.0}}
    cells = [Cell(dataset="blobs", fingerprint="f", model="mlp", loss="ce", seed=seed) for seed in range(rows)]
    with Claims(out) as claims:
        start = perf_counter()
        for cell in cells:
            assert claims.take([cell.id])
            store.write(Row(cell=cell, status="ok", **measured, provenance=provenance.collect()), out)
            claims.release([cell.id])
        return (perf_counter() - start) / rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=50)
    asked = parser.parse_args()
    options = ("--epochs", asked.epochs, "--seeds", SEEDS)
    folder = Path(tempfile.mkdtemp(prefix="lsbench-torture-"))
    try:
        calm = undisturbed(folder, options)
        print(kills_lose_nothing(folder, calm, asked.kills, options, at_random(longest=7.0)), flush=True)
        print(two_runs_share_a_folder(folder, calm, options), flush=True)
        print(a_full_disk_tears_no_row(folder, calm, options), flush=True)
        seconds = bookkeeping_per_cell(folder)
        rows = [json.loads(path.read_text()) for path in (calm / "cells").glob("*/*.json")]
        cell = sum(row["seconds"] for row in rows) / len(rows)
        print(f"claims, row and fsync: {seconds * 1e3:.1f} ms per cell, {seconds / cell:.2%} of a cell of {cell:.1f} s")
        assert seconds / cell < 0.02
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
