from dataclasses import replace

from lsbench.analysis.condition import check, parse
from lsbench.analysis.summary import summarise
from lsbench.names import resolve
from lsbench.report.main_table import main_table
from lsbench.rows.status import as_unknown, only_known
from tests.analysis.summary.handmade import a_row


def rows_of(written, **parts):
    name, hyper = resolve.hyper(written)
    for seed in range(2):
        row = a_row(name, seed, 0.9 + seed / 100, parts=parts)
        yield replace(row, cell=replace(row.cell, hyper=tuple(hyper.items())))


PRUNED = {
    "examples": 200,
    "dropped": 50,
    "changed": 0,
    "truth": {"wrong": 80, "dropped_wrong": 40, "changed_wrong": 0, "changed_to_right": 0},
}


def notes_of(rows):
    (summary,) = summarise(rows)
    return main_table(summary).notes


def test_a_table_says_what_several_networks_cost_what_they_left_out_and_who_is_an_oracle():
    rows = [*rows_of("ce"), *rows_of("forward:matrix=known"), *rows_of("prune:folds=3", cleaning=PRUNED, networks=4)]
    notes = "\n".join(notes_of(rows))
    assert "prune folds=3: each cell trains 4 networks, 3 of them first" in notes
    assert "oracle: forward matrix=known is given the true noise matrix" in notes
    assert "prune folds=3 left out 25.0 % of the training examples: 80.0 % of these had wrong labels" in notes
    assert "and that is 50.0 % of the wrong labels" in notes
    assert not any("network" in note or "oracle" in note for note in notes_of(list(rows_of("ce"))))


def test_that_the_first_networks_were_weak_is_said_once_of_all_losses_that_share_them():
    strong, weak = ({**PRUNED, "weak": reason} for reason in ("", "it errs often"))
    assert not any("weak" in note for note in notes_of(list(rows_of("prune", cleaning=strong))))
    rows = [*rows_of("ce"), *rows_of("prune", cleaning=weak), *rows_of("prune:folds=3", cleaning=weak)]
    said = "warning: the first networks of prune, prune folds=3 are weak at 2 seeds: it errs often"
    assert [note for note in notes_of(rows) if "weak" in note] == [said]


def test_of_labels_as_given_nobody_knows_how_right_it_was():
    rows = [*rows_of("ce"), *rows_of("forward:matrix=known"), *rows_of("prune", cleaning=PRUNED)]
    notes = "\n".join(notes_of(as_unknown(rows)))
    assert "prune left out 25.0 % of the training examples" in notes
    assert "wrong labels" not in notes
    assert "oracle" not in notes
    (own, _) = (replace(row, labels={"train": "given", "test": "given"}) for row in rows_of("prune", cleaning=PRUNED))
    assert only_known(own).cleaning == {"examples": 200, "dropped": 50, "changed": 0}


def test_a_condition_names_an_arm_by_its_words_or_by_none_where_all_are_usual():
    rows = [*rows_of("forward"), *rows_of("forward:matrix=known"), *rows_of("prune"), *rows_of("prune:by=class")]
    for arm in ("forward", "forward,matrix=known", "prune", "prune,by=class", "prune,by=rate"):
        (result,) = check(parse(f"accuracy({arm}) > 80"), rows)
        assert result.holds


def test_seeds_that_were_lost_by_one_error_are_one_note():
    errors = ("it diverged", "it diverged", "boom")
    lost = [a_row("gce", seed, status="failed", parts={"error": error}) for seed, error in enumerate(errors)]
    notes = notes_of([*rows_of("ce"), *lost])
    assert [note for note in notes if note.startswith("failed: ")] == [
        "failed: gce seeds 0, 1: it diverged",
        "failed: gce seed 2: boom",
    ]
