"""The best arms of a cheap study by its held-out examples, and what verdicts about the costlier study count for it."""

from dataclasses import replace

import pytest

from lsbench.analysis import summary
from lsbench.analysis.decide import decide
from lsbench.analysis.screening import carried_options, choose_arms, new_seeds, rows_of_one_place
from lsbench.errors import InputError
from lsbench.names.catalogue import LOSSES
from lsbench.planning.plan import arms_of
from lsbench.report import decision
from lsbench.report.build import Report, ReportOptions
from lsbench.report.layout import plain_table
from lsbench.spec import Grid, Screening
from tests.analysis.summary.handmade import a_row
from tests.in_turn import in_turn

HELD_OUT = {"ce": 0.60, "lsr": 0.61, "gce": 0.70, "mae": 0.30, "sce": 0.65, "focal": 0.58}


def cheap(held_out=HELD_OUT, seeds=range(3), **cell):
    """Rows of a linear model; by the test labels their order is the other way round."""
    rows = [
        a_row(loss, seed, accuracy=1 - number, eps=0.1 if loss == "lsr" else None, val_accuracy=number + seed / 100)
        for loss, number in held_out.items()
        for seed in seeds
    ]
    return [replace(row, cell=replace(row.cell, **cell)) for row in rows]


def costly(accuracies, seeds, screening, **cell):
    rows = [
        a_row(loss, seed, accuracy + gap, eps=0.1 if loss == "lsr" else None)
        for loss, accuracy in accuracies.items()
        for seed, gap in zip(seeds, (0, 0.01, 0.02, 0.012, 0.006, 0.001), strict=False)
    ]
    shifted = [replace(r, metrics={**r.metrics, "accuracy": r.metrics["accuracy"] + wobble(r)}) for r in rows]
    return [replace(r, cell=replace(r.cell, model="mlp", **cell), screening=screening.as_json()) for r in shifted]


def wobble(row):
    return (sum(map(ord, row.cell.loss)) * (row.cell.seed + 3) % 7) / 1000


def names(chosen):
    return [arm.name for arm in chosen.arms]


def test_held_out_examples_choose_and_the_test_labels_do_not():
    chosen = choose_arms(cheap(), "results", 2)
    assert names(chosen) == ["gce", "sce"]
    assert chosen.losses == ("ce", "gce", "sce")
    assert [name for name, _ in chosen.screening.held_out] == ["gce", "sce", "lsr 0.1", "ce", "focal", "mae"]
    assert (chosen.screening.runs, chosen.screening.seeds) == (18, (0, 1, 2))


def test_plain_cross_entropy_is_trained_once_whether_it_was_chosen_or_was_not_there_at_all():
    assert choose_arms(cheap({"ce": 0.9, "gce": 0.8, "mae": 0.7}), "results", 2).losses == ("ce", "gce")
    assert choose_arms(cheap({"sce": 0.9, "gce": 0.8, "mae": 0.7}), "results", 1).losses == ("ce", "sce")


def test_a_loss_that_lost_a_seed_or_has_few_is_not_chosen_and_that_is_recorded():
    rows = cheap()
    bad = [replace(r, status="diverged", metrics={}) if (r.cell.loss, r.cell.seed) == ("gce", 1) else r for r in rows]
    few = [row for row in bad if row.cell.loss != "sce" or row.cell.seed == 0]
    chosen = choose_arms(few, "results", 1)
    assert names(chosen) == ["lsr 0.1"]
    assert chosen.screening.left_out == (("gce", "lost 1 of 3 seeds"), ("sce", "few seeds in common with the others"))
    assert len(chosen.screening.candidates) == 6


def test_of_equally_good_losses_the_first_in_the_order_of_tables_is_chosen_and_the_others_are_known_to_tie():
    chosen = choose_arms(cheap({"mae": 0.7, "gce": 0.7, "ce": 0.1, "sce": 0.7}), "results", 1)
    assert names(chosen) == ["mae"]
    assert set(chosen.tied) == {"gce", "sce"}


def test_losses_that_are_one_function_are_one_candidate():
    rows = [*cheap({"ce": 0.6, "gce": 0.7}), *(a_row("fused", s, eps=0.1, val_accuracy=0.8) for s in range(3))]
    rows += [a_row("lsr", s, eps=0.1, val_accuracy=0.8) for s in range(3)]
    assert names(choose_arms(rows, "results", 2)) == ["lsr 0.1", "gce"]


def test_of_several_models_and_recipes_the_best_of_each_loss_counts():
    rows = cheap({"ce": 0.6, "gce": 0.5, "mae": 0.55})
    slow = cheap({"ce": 0.5, "gce": 0.65, "mae": 0.5})
    other = [replace(row, cell=replace(row.cell, recipe=replace(row.cell.recipe, lr=0.001))) for row in slow]
    screening = choose_arms([*rows, *other], "results", 1).screening
    assert dict(screening.held_out) == {"gce": 0.66, "ce": 0.61, "mae": 0.56}


def test_a_criterion_that_held_out_examples_have_may_choose():
    rows = cheap({"ce": 0.6, "gce": 0.7, "mae": 0.5})
    with_nll = [replace(r, metrics={**r.metrics, "val_nll": r.metrics["val_accuracy"]}) for r in rows]
    assert names(choose_arms(with_nll, "results", 2, "nll")) == ["mae", "ce"]


@in_turn(
    ("rows", "top", "words"),
    [
        (cheap({"ce": 0.6}), 1, "has 1 losses to choose from"),
        (cheap({"ce": 0.6, "gce": 0.5}), 2, "give --top 1"),
        (cheap({"ce": 0.6, "gce": 0.5, "mae": 0.1}), 1, "is ce itself"),
        ([replace(r, metrics={"accuracy": 0.5, "ece": 0.1}) for r in cheap()], 2, "held out no examples"),
        ([replace(r, status="diverged", metrics={}) for r in cheap()], 2, "lost 3 of 3 seeds"),
    ],
)
def test_where_nothing_can_be_chosen_one_sentence_says_why(rows, top, words):
    with pytest.raises(InputError, match=words):
        choose_arms(rows, "results", top)


def test_a_choice_is_made_at_one_data_set_and_one_noise_that_the_new_study_may_name():
    rows = [*cheap(), *cheap(noise_rate=0.4), *cheap(dataset="mnist")]
    with pytest.raises(InputError, match=r"one data set, and its runs have blobs and mnist: .* --dataset blobs"):
        rows_of_one_place(rows, "results", Grid(), [])
    asked = Grid(datasets=("blobs",), noise_rates=(0.4, 0.8))
    narrowed = rows_of_one_place(rows, "results", asked, ["dataset", "noise"])
    assert {(row.cell.dataset, row.cell.noise_rate) for row in narrowed} == {("blobs", 0.4)}
    with pytest.raises(InputError, match=r"one noise rate, and its runs have 0.2 and 0.4"):
        rows_of_one_place(rows, "results", asked, ["dataset"])
    assert rows_of_one_place(cheap(), "results", Grid(noise_rates=(0.4,)), ["noise"]) == cheap()  # another one is meant


def test_what_the_choice_led_to_in_the_same_folder_is_no_part_of_the_next_choice(tmp_path):
    chosen = choose_arms(cheap(), str(tmp_path), 2).screening
    later = costly({"ce": 0.9, "gce": 0.1}, (3, 4), chosen)
    assert rows_of_one_place([*cheap(), *later], str(tmp_path), Grid(), []) == cheap()
    assert rows_of_one_place(later, "elsewhere", Grid(), []) == later  # a third stage


def test_the_new_study_has_the_data_without_features_its_noise_and_folds_and_a_model_only_where_the_images_stay():
    here = carried_options(cheap(folds=5, val=0.0), [])
    assert {name: here[name] for name in ("dataset", "noise", "noise_kind", "folds", "model")} == {
        "dataset": ("blobs",),
        "noise": (0.2,),
        "noise_kind": ("symmetric",),
        "folds": 5,
        "model": ("linear",),
    }
    assert here["epochs"] == 5
    featured = cheap(dataset="./photos:features=torchvision:groups=who.csv:network=resnet18")
    assert carried_options(featured, ["noise"]) == {
        "dataset": ("./photos:groups=who.csv",),
        "noise_kind": ("symmetric",),
        "val": 0.1,
    }
    assert "lr" not in carried_options(cheap(), ["optimizer"])
    assert "epochs" not in carried_options(cheap(), ["recipe"])
    assert "model" not in carried_options(cheap(), ["dataset"])


def test_every_loss_can_be_typed_as_it_was_chosen():
    for loss in LOSSES:
        for arm in arms_of(Grid(losses=(loss,))):
            assert arms_of(Grid(losses=(arm.typed,))) == [arm]


def test_new_seeds_are_those_that_the_choice_has_not_seen():
    assert new_seeds(3, [0, 1, 2, 3, 4]) == (5, 6, 7)


ARMS = {"ce": 0.80, "gce": 0.83, "sce": 0.82}


@pytest.fixture(scope="module")
def screening():
    return replace(choose_arms(cheap(), "results", 2).screening, fingerprint="f")


def test_a_choice_by_other_seeds_costs_nothing_and_one_by_the_same_counts_every_loss(screening):
    (fresh,) = decide(costly(ARMS, range(3, 9), screening))
    (shared,) = decide(costly(ARMS, range(6), screening))
    (alone,) = decide([replace(row, screening={}) for row in costly(ARMS, range(3, 9), screening)])
    assert (fresh.choice.counted, shared.choice.counted) == (3, 6)
    assert fresh.choice.baseline_claims == alone.choice.baseline_claims
    (ours, _), (theirs, _) = shared.choice.baseline_claims, fresh.choice.baseline_claims
    assert ours.p_adjusted == pytest.approx(ours.p * 5)
    assert theirs.p_adjusted == pytest.approx(theirs.p * 2)


def test_a_choice_on_other_data_counts_every_loss_as_it_may_have_seen_the_test_set(screening):
    other = replace(screening, dataset="./photos")
    edited = replace(screening, fingerprint="another")
    for one in (other, edited):
        (verdict,) = decide(costly(ARMS, range(3, 9), one))
        assert verdict.choice.counted == 6
    featured = "blobs:features=torchvision:network=resnet18"
    (verdict,) = decide(costly(ARMS, range(3, 9), screening, dataset=featured, fingerprint="of features"))
    assert verdict.choice.counted == 3


def test_claims_under_several_rules_count_every_loss_too_where_the_choice_has_seen_the_seeds(screening):
    def rules(seen):
        rows = costly(ARMS, range(6), replace(screening, seeds=seen))
        curves = [{"accuracy": [row.metrics["accuracy"]] * 2, "val_accuracy": [0.5, 0.6]} for row in rows]
        with_curves = [replace(row, curves=own) for row, own in zip(rows, curves, strict=True)]
        return summary.multiverse(summary.arms_of(with_curves))

    fresh, shared = rules((6, 7)), rules((0, 1))
    assert (fresh.pairs, shared.pairs) == ((3, 3), (3, 15))
    least = [min(win.p for win in one.surviving) for one in (fresh, shared)]
    assert least[1] == pytest.approx(5 * least[0])


def test_an_earlier_choice_is_part_of_a_later_one():
    first = choose_arms(cheap(), "results", 3).screening
    second = choose_arms(
        [
            replace(row, screening=first.as_json())
            for row in cheap({"ce": 0.6, "gce": 0.7, "sce": 0.8, "lsr": 0.5}, seeds=range(3, 6), model="mlp")
        ],
        "second",
        1,
    ).screening
    assert second.seeds == (0, 1, 2, 3, 4, 5)
    assert second.earlier == ("focal", "mae")
    (verdict,) = decide(costly({"ce": 0.8, "sce": 0.83}, range(6), second))
    assert verdict.choice.counted == 6


def test_every_form_of_the_answer_says_how_the_losses_were_chosen_and_of_what_nothing_is_said(screening):
    rows = costly(ARMS, range(6), screening)
    (verdict,) = decide(rows)
    said = "2 of 6 losses (gce, sce) were chosen by accuracy on held-out examples of 18 runs of results"
    left = "with ce beside them: nothing is said of the other 3"
    counts = (
        "The choice has seen 3 of these seeds (0, 1, 2), so that every claim counts 6 losses: 5 comparisons with ce"
    )
    assert said in decision.paragraph(verdict)
    assert left in decision.paragraph(verdict)
    assert counts in decision.evidence(verdict)
    assert "(2 comparisons, corrected for 5, jointly" in decision.evidence(verdict)
    as_json = decision.as_json(verdict)
    assert as_json["counted"] == 6
    assert as_json["chosen"][0]["chosen"] == ["gce", "sce"]
    assert as_json["chosen"][0]["shared_seeds"] == [0, 1, 2]
    table = plain_table(decision.verdict_tables(verdict)[-1])
    assert table.splitlines()[-1].split() == ["mae", "31.00", "no"]
    report = "\n".join(map(plain_table, Report(rows, [], ReportOptions()).tables))
    assert said in report
    assert counts in report


def test_one_loss_that_was_left_is_called_the_other_one():
    two_of_three = choose_arms(cheap({"ce": 0.6, "gce": 0.7, "sce": 0.8}), "results", 2).screening
    (verdict,) = decide(costly({"ce": 0.8, "gce": 0.81, "sce": 0.83, "lsr": 0.5}, range(3, 6), two_of_three))
    assert "nothing is said" not in decision.paragraph(verdict)
    (verdict,) = decide(costly({"ce": 0.8, "sce": 0.83}, range(3, 6), two_of_three))
    assert "nothing is said of the other one." in decision.paragraph(verdict)


def test_nothing_of_a_choice_is_said_where_there_was_none(screening):
    rows = [replace(row, screening={}) for row in costly(ARMS, range(6), screening)]
    (verdict,) = decide(rows)
    assert "chosen" not in decision.paragraph(verdict) + decision.evidence(verdict)
    assert decision.as_json(verdict)["chosen"] == []


def test_a_record_survives_json_and_what_is_none_is_refused(screening):
    assert Screening.from_json(screening.as_json()) == screening
    whole = screening.as_json()
    wrong = (None, [], {}, {**whole, "more": 1}, {**whole, "seeds": [True]}, {**whole, "held_out": [["ce", "x"]]})
    for value in (*wrong, {**whole, "runs": -1}, {**whole, "chosen": "ce"}, {**whole, "held_out": [["ce", 1e300]]}):
        with pytest.raises(InputError):
            Screening.from_json(value)
