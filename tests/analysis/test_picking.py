"""Per loss and seed the best combination by held-out labels; what is compared are the picks."""

from dataclasses import replace

import pytest

from lsbench.analysis.picking import require_choices, select
from lsbench.analysis.summary import arms_by_setting
from lsbench.errors import InputError
from lsbench.report.build import Report, ReportOptions
from lsbench.report.picks_table import selection_json, selection_paragraphs
from lsbench.rows import store
from tests.analysis.summary.handmade import a_row


def trained(loss, lr, seed, held_out, test, status="ok", **hyper):
    row = a_row(loss, seed, test, status=status, val_accuracy=held_out)
    recipe = replace(row.cell.recipe, lr=lr)
    return replace(row, cell=replace(row.cell, recipe=recipe, hyper=tuple(hyper.items())))


def by_lr(loss, numbers, **hyper):
    """Rows of lr -> (held out, test) of each seed."""
    return [trained(loss, lr, seed, *pair, **hyper) for lr, pairs in numbers.items() for seed, pair in enumerate(pairs)]


CE = {  # 0.02 is the model's own
    0.002: [(0.5, 0.60), (0.5, 0.61), (0.5, 0.62)],
    0.02: [(0.8, 0.90), (0.8, 0.91), (0.7, 0.92)],
    0.2: [(0.7, 0.80), (0.7, 0.81), (0.8, 0.82)],
}
GCE = {
    0.002: [(0.9, 0.95), (0.9, 0.96), (0.9, 0.965)],
    0.02: [(0.1, 0.10), (0.1, 0.12), (0.1, 0.11)],
    0.2: [(0.1, 0.10), (0.1, 0.11), (0.1, 0.12)],
}


def the_selection(rows, names=("lr",), **options):
    (selection,) = select(arms_by_setting(rows), names, **options)
    return selection


@pytest.fixture(scope="module")
def selection():
    return the_selection([*by_lr("ce", CE), *by_lr("gce", GCE, q=0.7)])


def test_each_seed_has_its_own_pick_by_the_held_out_labels_and_its_number_on_the_test_set(selection):
    ce, gce = selection.losses
    assert [dict(values)["lr"] for _, values in ce.picked.picks] == [0.02, 0.02, 0.2]
    assert ce.picked.by_seed("accuracy") == {0: 0.90, 1: 0.91, 2: 0.82}
    assert gce.picked.counts == [((("lr", 0.002),), 3)]


def test_beside_it_stand_the_losses_without_tuning_and_the_oracle_with_its_price(selection):
    ce, gce = selection.losses
    assert dict(ce.untuned_values) == dict(gce.untuned_values) == {"lr": 0.02}
    assert ce.untuned.by_seed("accuracy") == {0: 0.90, 1: 0.91, 2: 0.92}
    assert ce.oracle.by_seed("accuracy") == {0: 0.90, 1: 0.91, 2: 0.92}
    price = selection.difference(ce.oracle, ce.picked)
    assert price.mean == pytest.approx(0.1 / 3)
    assert price.low < 0 < price.high
    assert selection.difference(gce.picked, gce.untuned).mean == pytest.approx(0.845, abs=0.01)


def test_the_verdict_is_among_the_picks_and_what_tuning_changed_is_said(selection):
    claims = {claim.arm.loss: claim for claim in selection.verdict.choice.baseline_claims}
    assert claims["gce"].difference.mean == pytest.approx((0.05 + 0.05 + 0.145) / 3)
    assert selection.untuned.choice.against_baseline[claims["gce"].arm].finding == "worse"
    told = selection_paragraphs(selection)
    assert "(lr picked per loss and seed)" in told[0]
    assert "(lr not tuned)" in told[1]
    assert "gce q=0.7 from worse to undecided" in told[2]
    assert "gce q=0.7 11.00 ± 1.00 and 95.83 ± 0.76" in told[2]
    as_json = selection_json(selection)
    assert as_json["picks"][0]["picked"] == {"0": {"lr": 0.02}, "1": {"lr": 0.02}, "2": {"lr": 0.2}}
    assert as_json["not_tuned"]["suggested"] == "ce"


def test_an_arm_that_was_picked_from_others_is_not_the_same_function_as_one_with_other_candidates():
    same = {0.02: CE[0.02], 0.2: CE[0.2]}
    lsr = by_lr("lsr", same, eps=0.1)
    one = the_selection([*by_lr("ce", same), *lsr, *by_lr("fused", same, eps=0.1)])
    assert [arm.name for arm in one.verdict.arms.values()] == ["ce", "lsr 0.1"]
    rows = [*by_lr("ce", same), *lsr, *by_lr("fused", {0.02: CE[0.02]}, eps=0.1)]
    other = the_selection(rows)
    assert [arm.name for arm in other.verdict.arms.values()] == ["ce", "lsr 0.1", "fused 0.1"]
    (table,) = [t for t in Report(rows, [], ReportOptions((), select=("lr",))).tables if "candidates" in t.header]
    assert "differ in their number of candidates" in table.above[0]
    assert "fused 0.1 1" in table.above[0]


def test_hyperparameters_are_chosen_too_alone_or_with_the_recipe():
    rows = [*by_lr("ce", CE), *by_lr("gce", CE, q=0.5), *by_lr("gce", GCE, q=0.7)]
    both = the_selection(rows, ("lr", "gce.q"))
    ce, gce = both.losses
    assert (len(ce.candidates), len(gce.candidates), gce.name) == (3, 6, "gce")
    assert {values for _, values in gce.picked.picks} == {(("lr", 0.002), ("q", 0.7))}
    assert gce.untuned_values == (("lr", 0.02), ("q", 0.7))
    assert [len(one.losses) for one in select(arms_by_setting(rows), ("q",))] == [2, 2, 2]


def test_a_candidate_that_diverged_is_never_picked_and_one_that_failed_costs_the_seed():
    diverged = [trained("ce", 0.2, seed, 0.99, 0.0, status="diverged") for seed in range(3)]
    rows = [*by_lr("ce", {0.02: CE[0.02]}), *diverged]
    ce = the_selection(rows).losses[0]
    assert ce.picked.by_seed("accuracy") == {0: 0.90, 1: 0.91, 2: 0.92}
    assert not ce.picked.lost
    failed = [replace(row, status="failed", error="killed") if row.cell.seed == 1 else row for row in diverged]
    ce = the_selection([*rows[:3], *failed]).losses[0]
    assert (ce.picked.n, [row.cell.seed for row in ce.picked.lost]) == (2, [1])


def test_a_seed_that_lacks_a_candidate_is_left_out_and_counted():
    rows = [*by_lr("ce", CE), trained("ce", 0.02, 3, 0.9, 0.9)]
    ce = the_selection(rows).losses[0]
    assert (ce.picked.n, ce.incomplete) == (3, 1)
    assert select(arms_by_setting([*by_lr("ce", {0.02: CE[0.02]}), trained("ce", 0.2, 9, 0.9, 0.9)]), ("lr",)) == []


def test_of_equally_good_ones_the_smallest_is_picked():
    rows = by_lr("ce", {0.2: [(0.7, 0.1)], 0.02: [(0.7, 0.2)], 0.002: [(0.6, 0.3)]})
    assert the_selection(rows).losses[0].picked.by_seed("accuracy") == {0: 0.2}


def test_settings_that_differ_in_what_is_not_chosen_stay_apart_and_are_told_apart():
    rows = [*by_lr("ce", CE), *by_lr("gce", GCE, q=0.7)]
    longer = [
        replace(row, cell=replace(row.cell, recipe=replace(row.cell.recipe, epochs=9, lr=row.cell.recipe.lr * 2)))
        for row in rows
    ]
    first, second = select(arms_by_setting([*rows, *longer]), ("lr",))
    assert first.verdict.differs != second.verdict.differs
    assert {"5 epochs", "9 epochs"} == {one.verdict.differs[0] for one in (first, second)}


def test_what_can_not_be_chosen_is_an_error_that_says_what_can():
    rows = arms_by_setting([*by_lr("ce", CE), *by_lr("gce", GCE, q=0.7)])
    with pytest.raises(InputError, match="unknown value to select 'lrr'; did you mean lr"):
        select(rows, ("lrr",))
    with pytest.raises(InputError, match="held-out labels, which have no selective; take --by accuracy"):
        select(rows, ("lr",), by="selective")
    with pytest.raises(InputError, match="no loss was trained with several values"):
        require_choices(select(rows, ("momentum",)), ("momentum",))


@pytest.mark.usefixtures("figures_as_words")
def test_report_decide_and_the_page_show_the_picks(lsbench, tmp_path):
    for row in [*by_lr("ce", CE), *by_lr("gce", GCE, q=0.7)]:
        store.write(row, tmp_path)
    for command in (["report"], ["decide"], ["report", "--format", "html"]):
        code, out, err = lsbench(*command, str(tmp_path), "--select", "lr")
        assert code == 0, err
        assert "lr 0.02 (2), lr 0.2 (1)" in out
    assert "What tuning lr changed" in out
    assert '"selected": [\n   "lr"' in lsbench("decide", str(tmp_path), "--select", "lr", "--json")[1]
    for wrong in (["report", "--by", "nll"], ["report", "--select", "q"], ["decide", "--select", "lr", "--by", "x"]):
        code, _, err = lsbench(wrong[0], str(tmp_path), *wrong[1:])
        assert (code, "Traceback" in err) == (2, False)
