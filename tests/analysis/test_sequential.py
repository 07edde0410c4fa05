import json
from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis import sequential
from lsbench.errors import InputError
from lsbench.rows.row import Row
from lsbench.spec import Cell
from lsbench.statistics import (
    against_baseline,
    all_pairs,
    may_be_best,
    pairs_of,
    sequential_test,
    wilson_interval,
)
from tests.simulations import simulation


def cells_of(seeds=20, arms=(("ce", ()), ("lsr", (("eps", 0.1),)))):
    shared = {"dataset": "blobs", "fingerprint": "f", "model": "linear"}
    return [Cell(**shared, loss=loss, hyper=hyper, seed=seed) for seed in range(seeds) for loss, hyper in arms]


def trained(cells, accuracy):
    return [Row(cell=c, status="ok", metrics={"accuracy": accuracy(c), "ece": 0.1}) for c in cells]


def clearly_worse(cell):
    return 0.9 + cell.seed / 1000 - (0.2 + cell.seed / 10_000) * (cell.loss != "ce")


def tied(cell):
    return 0.9 + cell.seed / 1000 + 0.01 * (-1) ** cell.seed * (cell.loss != "ce")


def run_to_the_end(cells, accuracy, margin=None):
    rule, rows, rounds = sequential.make_rule(cells, margin), [], []
    while wanted := sequential.next_cells(rule, cells, rows):
        rows += trained(wanted, accuracy)
        rounds.append(len(wanted))
    return sequential.progress_of(rule, cells, rows), rounds


def test_the_first_round_trains_the_first_look_and_no_more():
    cells = cells_of()
    wanted = sequential.next_cells(sequential.make_rule(cells), cells, [])
    assert sorted({cell.seed for cell in wanted}) == [0, 1, 2]
    assert len(wanted) == 6


def test_a_clear_difference_stops_early():
    (found,), rounds = run_to_the_end(cells_of(), clearly_worse)
    assert found.result.status == "worse"
    assert sum(rounds) < 20


def test_a_tie_uses_every_seed_and_stays_undecided():
    (found,), rounds = run_to_the_end(cells_of(), tied)
    assert (found.result.status, found.result.n) == ("undecided", 20)
    assert sum(rounds) == 40


def test_a_margin_does_not_stop_equal_accuracies_of_networks_that_differ():
    cells = cells_of(seeds=8)
    rule, rows = sequential.make_rule(cells, 0.05), trained(cells, lambda cell: 28 / 30)
    (same,) = sequential.progress_of(rule, cells, rows)
    other = [replace(r, metrics={**r.metrics, "nll": 0.2 + 0.1 * (r.cell.loss != "ce")}) for r in rows]
    (differing,) = sequential.progress_of(rule, cells, other)
    assert (same.result.status, differing.result.status) == ("equivalent", "undecided")


def test_a_margin_stops_what_is_practically_equal():
    (found,), rounds = run_to_the_end(cells_of(), tied, margin=0.05)
    assert found.result.status == "equivalent"
    assert sum(rounds) < 40


def test_only_the_open_comparison_gets_more_seeds_and_its_baseline_with_it():
    arms = (("ce", ()), ("lsr", (("eps", 0.1),)), ("lsr", (("eps", 0.3),)))

    def accuracy(cell):
        return clearly_worse(cell) if dict(cell.hyper).get("eps") == 0.3 else tied(cell)

    cells = cells_of(arms=arms)
    rule, rows = sequential.make_rule(cells), []
    while wanted := sequential.next_cells(rule, cells, rows):
        rows += trained(wanted, accuracy)
        last = {(cell.loss, cell.eps) for cell in wanted}
    assert last == {("ce", None), ("lsr", 0.1)}


def test_the_five_per_cent_are_shared_by_the_comparisons_of_a_setting():
    three = (("ce", ()), ("lsr", (("eps", 0.1),)), ("lsr", (("eps", 0.3),)))
    assert sequential.make_rule(cells_of(arms=three)).levels[-1] < sequential.make_rule(cells_of()).levels[-1] < 0.05


def test_losses_that_are_one_function_are_one_comparison_and_have_the_same_seeds():
    arms = (("ce", ()), ("lsr", (("eps", 0.1),)), ("fused", (("eps", 0.1),)), ("lsr", (("eps", 0.0),)))
    cells = cells_of(arms=arms)
    rule = sequential.make_rule(cells)
    assert rule == sequential.make_rule(cells_of())
    rows, wanted = [], sequential.next_cells(rule, cells, [])
    assert len(wanted) == 4 * 3
    while wanted:
        rows += trained(wanted, clearly_worse)
        wanted = sequential.next_cells(rule, cells, rows)
    (found,) = sequential.progress_of(rule, cells, rows)
    assert (found.arm.loss, found.result.status) == ("lsr", "worse")
    assert len(rows) == 4 * found.result.n


def test_the_rule_of_a_grid_has_the_file_that_0_2_0_gave_it_and_grids_with_newer_fields_have_others(tmp_path):
    rule, cells = sequential.make_rule(cells_of()), cells_of()
    sequential.write(rule, cells, [], tmp_path)
    assert [path.name for path in (tmp_path / "adaptive").iterdir()] == ["e0f747a0de09.json"]  # made by 0.2.0
    folded = [replace(cell, folds=5, val=0.0) for cell in cells]
    seeded = [replace(cell, noise_seed=1) for cell in cells]
    for others in (folded, seeded):
        assert sequential.stored_rule(rule, others, tmp_path) == (rule, False)


def test_a_grid_that_was_begun_with_more_comparisons_goes_on_by_its_own_stricter_rule(tmp_path):
    cells = cells_of(arms=(("ce", ()), ("lsr", (("eps", 0.1),)), ("fused", (("eps", 0.1),))))
    rule = sequential.make_rule(cells)
    older = replace(rule, comparisons=2, levels=tuple(level / 2 for level in rule.levels))
    sequential.write(older, cells, [], tmp_path)
    assert sequential.stored_rule(rule, cells, tmp_path) == (older, True)
    with pytest.raises(InputError, match="another adaptive rule"):
        sequential.stored_rule(replace(rule, comparisons=3), cells, tmp_path)


@pytest.mark.parametrize("arms", [3, 6, 12])
@simulation(short=60, long=4000)
def test_claims_after_stopping_are_false_in_at_most_5_percent(trials, arms):
    """Half of the arms are equal to ce, half 1.5 sd worse: of the rule itself, and of the families over its rows.

    Arms that stop early have fewer seeds, by what they showed; the families of a fixed number of seeds are looked at
    all the same, as `decide` does.
    """
    rng, losses = np.random.default_rng(0), [("ce", ())] + [("gce", (("q", q / 100),)) for q in range(2, arms + 1)]
    cells = cells_of(arms=losses)
    rule, worse = sequential.make_rule(cells), arms // 2
    wrong = dict.fromkeys(("rule", "against ce", "pairs", "best excluded"), 0)
    for _ in range(trials):
        table = rng.normal(size=(arms, 20)) + 1.5 * (np.arange(arms) >= arms - worse)[:, None]
        statuses = [sequential_test((table[0] - table[i]).tolist(), rule.looks, rule.levels) for i in range(1, arms)]
        n = [max(one.n for one in statuses), *(one.n for one in statuses)]
        pairs = pairs_of({i: dict(enumerate(table[i, : n[i]].tolist())) for i in range(arms)})
        equal = set(range(arms - worse))
        wrong["rule"] += any(one.status != "undecided" for one in statuses[: arms - worse - 1])
        wrong["against ce"] += any(
            one.finding != "undecided" and one.arm in equal for one in against_baseline(pairs, 0)
        )
        wrong["pairs"] += any(one.finding != "undecided" and {one.arm, one.other} <= equal for one in all_pairs(pairs))
        wrong["best excluded"] += 0 not in may_be_best(pairs)
    for what, count in wrong.items():
        assert wilson_interval(count, trials)[0] <= 0.05, what


def test_the_kept_levels_are_used_where_another_machine_finds_others_in_the_last_bit(tmp_path):
    cells = cells_of()
    rule = sequential.make_rule(cells)
    other = replace(rule, levels=tuple(level * (1 + 1e-15) for level in rule.levels))
    assert sequential.stored_rule(rule, cells, tmp_path) == (rule, False)
    sequential.write(other, cells, [], tmp_path)
    assert sequential.stored_rule(rule, cells, tmp_path) == (other, True)


def test_a_rule_that_cannot_be_read_is_not_replaced(tmp_path):
    cells = cells_of()
    sequential.write(sequential.make_rule(cells), cells, [], tmp_path)
    (path,) = (tmp_path / sequential.FOLDER).glob("*.json")
    path.write_text("{")
    with pytest.raises(InputError, match="can't be read"):
        sequential.stored_rule(sequential.make_rule(cells), cells, tmp_path)


def test_a_failed_seed_in_the_middle_stops_there_and_is_named():
    cells = cells_of()
    rule = sequential.make_rule(cells)
    rows = trained([cell for cell in cells if cell.seed < 8 and (cell.loss, cell.seed) != ("lsr", 4)], tied)
    rows += [Row(cell=cell, status="failed", error="boom") for cell in cells if (cell.loss, cell.seed) == ("lsr", 4)]
    (found,) = sequential.progress_of(rule, cells, rows)
    assert (found.result.n, found.stopped_by) == (3, "seed 4 of lsr failed")


def test_a_failed_seed_ends_its_comparison_where_it_stands_and_trains_nothing_for_ever():
    cells = cells_of()
    rule = sequential.make_rule(cells)
    rows = trained([cell for cell in cells if cell.seed < 3], tied)
    rows += [Row(cell=cell, status="failed", error="boom") for cell in cells if 3 <= cell.seed < 5]
    assert sequential.next_cells(rule, cells, rows) == []
    assert sequential.progress_of(rule, cells, rows)[0].result.n == 3


def test_the_rule_is_kept_before_training_and_can_be_read_again(tmp_path):
    cells = cells_of()
    rule = sequential.make_rule(cells)
    sequential.write(rule, cells, sequential.progress_of(rule, cells, []), tmp_path)
    (kept,) = sequential.read(tmp_path)
    assert kept["rule"]["looks"] == [3, 5, 8, 12, 20]
    assert kept["comparisons"][0]["status"] == "undecided"
    sequential.write(rule, cells, sequential.progress_of(rule, cells, trained(cells, clearly_worse)), tmp_path)
    assert sequential.read(tmp_path)[0]["comparisons"][0]["status"] == "worse"


@pytest.mark.parametrize("changed", [{"seeds": 12}, {"margin": 0.01}])
def test_a_rule_cannot_be_changed_once_it_has_begun(tmp_path, changed):
    cells, other = cells_of(), cells_of(changed.get("seeds", 20))
    sequential.write(sequential.make_rule(cells), cells, [], tmp_path)
    with pytest.raises(InputError, match="fixed in advance"):
        sequential.stored_rule(sequential.make_rule(other, changed.get("margin")), other, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"rule": 1},
        {"rule": {}},
        {"comparisons": [1]},
        {"rule.looks": 5},
        {"rule.margin": "x"},
        {"rule.levels": ["a"]},
        {"one.hyper": [1]},
        {"one.hyper": {"eps": "a"}},
        {"one.mean": "a"},
        {"one.p": "a"},
        {"one.noise_rate": [1]},
        {"one.low": 1e400},
        {"text": "{"},
        {"text": "[]"},
    ],
    ids=str,
)
def test_a_kept_rule_that_is_not_one_is_left_out(tmp_path, lsbench, change):
    cells = cells_of(5)
    sequential.write(
        sequential.make_rule(cells), cells, sequential.progress_of(sequential.make_rule(cells), cells, []), tmp_path
    )
    (path,) = (tmp_path / sequential.FOLDER).glob("*.json")
    assert len(sequential.read(tmp_path)) == 1
    value = json.loads(path.read_text())
    ((name, new),) = change.items()
    place, _, part = name.partition(".")
    if part:
        (value["rule"] if place == "rule" else value["comparisons"][0])[part] = new
    path.write_text(new if name == "text" else json.dumps(value if part else {**value, name: new}))
    assert sequential.read(tmp_path) == []


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (cells_of(2), "at least 3"),
        (cells_of(arms=(("ce", ()),)), "at least one other"),
        (cells_of(arms=(("lsr", ()), ("fused", ()))), "--loss ce"),
    ],
)
def test_a_grid_that_no_rule_fits_is_refused(cells, reason):
    with pytest.raises(InputError, match=reason):
        sequential.make_rule(cells)


def test_the_command_adds_seeds_only_where_they_are_needed(lsbench, tmp_path):
    options = ["run", "--dataset", "blobs", "--model", "linear", "--noise", "0.2", "--loss", "ce,lsr", "--eps", "0.9"]
    recipe = ["--epochs", "2", "--train-size", "500", "--seeds", "20", "--adaptive", "--jobs", "1"]
    code, out, err = lsbench(*options, *recipe, "--out", str(tmp_path))
    assert code == 0, err
    rows = list((tmp_path / "cells").glob("*/*.json"))
    assert 6 <= len(rows) < 40
    (kept,) = (tmp_path / sequential.FOLDER).glob("*.json")
    assert json.loads(kept.read_text())["comparisons"][0]["status"] == "worse"
    assert "repeated interval" in out
    assert lsbench(*options, *recipe, "--out", str(tmp_path))[0] == 0
    assert len(list((tmp_path / "cells").glob("*/*.json"))) == len(rows)
    assert "adaptive comparisons" in lsbench("report", str(tmp_path))[1]


@pytest.mark.parametrize(
    "options",
    [["--adaptive", "--smoke"], ["--adaptive", "--rerun", "all"], ["--margin", "1"], ["--adaptive", "--margin", "0"]],
)
def test_options_that_do_not_go_together_are_refused(lsbench, tmp_path, options):
    code, _, err = lsbench("run", "--dataset", "blobs", "--out", str(tmp_path), *options)
    assert code == 2
    assert "Traceback" not in err


def test_cross_entropy_that_is_alone_in_a_setting_has_the_first_looks_seeds():
    cells, alone = (
        cells_of(),
        [replace(cell, noise="pairflip", noise_rate=0.3) for cell in cells_of() if cell.loss == "ce"],
    )
    rule = sequential.make_rule([*cells, *alone])
    first = sequential.next_cells(rule, [*cells, *alone], [])
    assert sum(cell in alone for cell in first) == rule.looks[0]
    assert sum(cell not in alone for cell in first) == 2 * rule.looks[0]
