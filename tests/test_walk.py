"""How many files somebody opens who follows one cell from the command to its row."""

import sys
from functools import partial

import pytest

from lsbench.cli.app import main
from lsbench.rows import store
from lsbench.workers import local
from tests import walk

MOST_FILES = 26
COMMAND = "lsbench run --dataset blobs --model linear --loss lsr --noise 0.2 --seeds 1 --epochs 1 --jobs 1 --device cpu"


def test_a_cell_passes_few_files_on_its_way_from_the_command_to_its_row(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", COMMAND.split())
    monkeypatch.setattr(local, "run_all", partial(local.run_all, trainer="tests.walk:run_stack"))
    with walk.watching(walk.BEFORE) as before, pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    (row,), _ = store.read(tmp_path / "results")
    files_by_moment = {**before, **row.provenance["walk"]}
    assert files_by_moment.keys() == {*walk.BEFORE, *walk.in_worker()}
    files = set().union(*files_by_moment.values())
    assert len(files) <= MOST_FILES, "\n".join(f"{moment}: {sorted(of)}" for moment, of in files_by_moment.items())
