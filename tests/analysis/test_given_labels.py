"""Verdicts against test labels that nobody vouches for: what is claimed, what would change it, what to do next."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.decide import decide
from lsbench.analysis.label_free import label_free_of
from lsbench.noise.pooled import Refused
from lsbench.report.decision import as_json, decision_table, elsewhere_table, paragraph, paragraphs, verdict_tables
from lsbench.report.decision.next_steps import next_steps
from lsbench.rows.examples import ExamplePredictions, pack_examples, read_examples
from lsbench.rows.predictions import HeldOutPredictions, pack_predictions
from lsbench.rows.store import examples_path, write
from lsbench.statistics import undiluted
from tests.analysis.summary.handmade import a_row, rows_of
from tests.in_turn import in_turn

CE = [0.60, 0.605, 0.61, 0.602, 0.607]
GAINS = [0.056, 0.055, 0.057, 0.056, 0.056]


def own(rows, **labels):
    """The rows as those of a folder of the user's."""
    return [replace(row, cell=replace(row.cell, dataset="./photos"), labels=labels) for row in rows]


def gce_leads(**labels):
    data = {"train": [100] * 10, "held_out": [10] * 10, "test": [300] * 10, "classes": list("abcdefghij")}
    parts = {"data": data, "noise_record": {}}
    ce = rows_of("ce", CE, rate=0, signed_error=-0.1, aurc=0.3, balanced_accuracy=0.5, parts=parts)
    gains = [a + g for a, g in zip(CE, GAINS, strict=True)]
    numbers = {"ece": 0.3, "signed_error": 0.3, "aurc": 0.2, "balanced_accuracy": 0.6}
    return own([*ce, *rows_of("gce", gains, rate=0, parts=parts, **numbers)], **labels)


@in_turn("by", [name for name, one in CRITERIA.items() if not one.holds_on_given])
def test_by_other_numbers_than_accuracies_nothing_is_claimed_of_given_labels(by):
    (verdict,) = decide(gce_leads(), by)
    told = as_json(verdict)
    assert (told["labels"], told["claims"], told["may_be_best"], told["elsewhere"]) == ("given", [], [], [])
    assert (told["winner"], told["leader"], told["suggested"], told["could_be_missed"]) == (None,) * 4
    assert not any(arm["may_be_best"] for arm in told["arms"])
    assert told["given_labels"]["compared"] is False
    assert "nothing is recommended by" in paragraph(verdict)
    assert told["next"][0] == "Decide by accuracy: lsbench decide --by accuracy."
    unkept = {"nll": "log-probs of the test examples are not kept", "ece": "does not follow from the number"}
    assert unkept.get(by, "") in paragraphs(verdict)[-2]
    table = decision_table(verdict)
    assert "against given labels" in table.title
    assert not any(entry.best for line in table.lines for entry in line)
    assert not [heading for heading in table.header if "Δ" in heading or "best" in heading]


def test_by_accuracy_the_lead_is_said_as_a_range_for_symmetric_wrong_labels():
    (verdict,) = decide(gce_leads())
    told = as_json(verdict)
    assert told["suggested"] == told["winner"] == "gce"
    (pair,) = told["would_change"]["pairs"]
    assert (pair["leads"], pair["other"], pair["finding"]) == ("gce", "ce", "better")
    assert pair["symmetric"] == pytest.approx({"lead": 0.072, "holds_up_to": 0.2})
    first, *_, change, next_ = paragraphs(verdict)
    assert "labels as given: what the given labels show: take gce. It is shown to be better by accuracy" in first
    assert "Nobody vouches for the test labels." in first
    assert "that order holds, and the lead is 5.60 to 7.20 points." in change
    assert next_.endswith("If somebody has checked the test labels, say so: lsbench decide --trust test.")
    assert all("against given labels" in table.title for table in elsewhere_table(verdict))


def test_labels_that_somebody_vouches_for_have_one_layer():
    for rows in (gce_leads(test="trusted"), gce_leads(test="published")):
        for by in ("accuracy", "ece"):
            for verdict in decide(rows, by):
                told = as_json(verdict)
                assert (told["given_labels"], told["would_change"], told["next"]) == (None, None, [])
                assert told["suggested"] is not None
                assert "given labels" not in " ".join(paragraphs(verdict))
    assert len(decide(gce_leads(), trusted=["test"])[0].compared) == 2
    assert decide(gce_leads(), trusted=["test"])[0].labels == "trusted"


def test_balanced_accuracy_by_the_true_labels_is_told_from_the_answers(flipped):
    rows, folder = flipped
    rows = [replace(row, metrics=row.metrics | {"balanced_accuracy": 0.7}) for row in rows]
    (verdict,) = decide(rows, "balanced-accuracy", results=folder)
    told = as_json(verdict)
    assert told["claims"] == []
    assert "count most in the classes with the fewest examples" in paragraph(verdict)
    numbers = {one["arm"]: one["numbers"]["0.2"] for one in told["would_change"]["if_symmetric"]}
    answers = {row.cell.arm.name: read_examples(examples_path(row.id, folder)) for row in rows if row.cell.seed == 0}
    for arm, one in answers.items():
        joint = np.array([[np.mean((one.predicted == j) & (one.labels == k)) for k in range(2)] for j in range(2)])
        true = joint @ np.linalg.inv([[0.8, 0.2], [0.2, 0.8]])
        assert numbers[arm] == pytest.approx(np.mean(np.clip(np.diag(true) / true.sum(0), 0, 1)), abs=0.02)


def test_no_balanced_accuracy_is_told_where_hardly_an_example_of_a_class_would_be_its_own(tmp_path):
    """Of 1,000 labels 51 are of the last class; with 20 % wrong, symmetric, a handful of them is right."""
    given, rng, rows = np.repeat(np.arange(5), [450, 299, 120, 80, 51]), np.random.default_rng(0), []
    for loss in ("ce", "gce"):
        for seed in range(3):
            answer = np.where(rng.random(1000) < 0.7, given, rng.integers(0, 5, 1000))
            data = {
                "train": [9] * 5,
                "held_out": [1] * 5,
                "test": np.bincount(given).tolist(),
                "classes": list("abcde"),
            }
            parts = {"data": data, "noise_record": {}}
            row = a_row(loss, seed, float((answer == given).mean()), rate=0, parts=parts, balanced_accuracy=0.7)
            kept = ExamplePredictions(given, answer, np.full(1000, -1.0), np.full(1000, 0.5))
            rows += own([replace(row, examples=pack_examples(kept))])
            write(rows[-1], tmp_path)
    (verdict,) = decide(rows, "balanced-accuracy", results=tmp_path)
    assert as_json(verdict)["would_change"]["if_symmetric"] == []
    assert "or a class would have too few examples that are truly its own" in paragraphs(verdict)[-2]


def test_where_nothing_is_shown_nothing_can_be_reversed_and_wrong_labels_may_hide_a_difference():
    rows = own([*rows_of("ce", [0.9, 0.91, 0.92], rate=0), *rows_of("gce", [0.91, 0.9, 0.93], rate=0)])
    (verdict,) = decide(rows)
    assert "What would change it: no difference between gce and ce is shown." in paragraphs(verdict)[-2]
    assert "would tell gce from ce." in paragraphs(verdict)[-1]


def test_oracle_arms_are_left_out_where_the_noise_is_taken_for_unknown_and_that_is_said_once():
    gains = [a + g for a, g in zip(CE, GAINS, strict=True)]
    rows = [
        *rows_of("ce", CE),
        *rows_of("gce", gains),
        *rows_of("forward", [g + 0.1 + i / 999 for i, g in enumerate(gains)]),
    ]
    (known,), (unknown,) = decide(rows), decide(rows, unknown_noise=True)
    assert known.suggested.key.loss == "forward"
    assert unknown.suggested.name == "gce"
    assert as_json(unknown)["left_out"] == [known.suggested.name]
    said = " ".join(paragraphs(unknown))
    assert said.count("forward") == 1
    assert "labels as given" in said
    assert "20.0 %" not in said


@pytest.fixture(scope="module")
def flipped(tmp_path_factory):
    """Two arms on two classes, of which one has 40 % of its labels wrong: the worse one by the truth leads."""
    folder, rng, rows = tmp_path_factory.mktemp("flipped"), np.random.default_rng(0), []
    truth = np.repeat([0, 1], 1500)
    given = np.where((truth == 0) & (rng.random(3000) < 0.4), 1, truth)
    data = {"train": [9, 9], "held_out": [1, 1], "test": np.bincount(given).tolist(), "classes": ["cat", "dog"]}
    for loss, recalls in (("ce", (0.95, 0.80)), ("gce", (0.80, 0.92))):
        for seed in range(5):
            answer = np.where(rng.random(3000) < np.take(recalls, truth), truth, 1 - truth)
            accuracy = float((answer == given).mean())
            row = a_row(loss, seed, accuracy, rate=0, parts={"data": data, "noise_record": {}})
            kept = ExamplePredictions(given, answer, np.full(3000, -1.0), np.full(3000, 0.5))
            (row,) = own([replace(row, examples=pack_examples(kept))])
            write(row, folder)
            rows.append(row)
    return rows, folder


def test_noise_of_one_class_that_could_reverse_the_order_is_told_and_named(flipped):
    rows, folder = flipped
    (verdict,) = decide(rows, results=folder)
    assert verdict.suggested.name == "gce"
    (pair,) = as_json(verdict)["would_change"]["pairs"]
    assert pair["by_class"]["rate"] < 0.2
    assert (pair["by_class"]["true"], pair["by_class"]["given"]) == ("cat", "dog")
    assert "% of cat labelled dog" in paragraphs(verdict)[-2]
    wrong = pair["wrong_labels"]
    assert len(wrong["examples"]) == wrong["differ"]
    assert wrong["share"] == wrong["fewest"] / wrong["differ"]
    assert f"{wrong['fewest']:,} wrong ones" in paragraphs(verdict)[-2]
    assert f"lsbench verify {folder} --n 100." in paragraphs(verdict)[-1]
    table = verdict_tables(verdict)[1]
    assert [entry.text for entry in table.lines[0]][:2] == ["gce", "ce"]


def test_two_arms_that_are_equal_have_no_order_that_wrong_labels_could_reverse(flipped):
    rows, folder = flipped
    ce = [row for row in rows if row.cell.arm.loss == "ce"]
    twins = [replace(row, cell=replace(row.cell, loss="mae")) for row in ce]
    for row in twins:
        write(row, folder)
    (verdict,) = decide([*ce, *twins], results=folder)
    (pair,) = as_json(verdict)["would_change"]["pairs"]
    assert (pair["lead"], pair["answers_kept"], pair["by_class"], pair["wrong_labels"]) == (0, True, None, None)
    assert [entry.text for entry in verdict_tables(verdict)[1].lines[0]][4:] == ["–", "–"]


def test_wrong_labels_that_keep_an_order_are_symmetric_and_not_only_as_frequent_in_every_class():
    """A flip of each class to the next one is as frequent in every class, and can reverse an order."""
    (verdict,) = decide(gce_leads())
    told = paragraphs(verdict)
    assert "Wrong ones that are symmetric and independent of the predictions make differences smaller" in told[0]
    assert "If up to 20 % of the labels are wrong, symmetric and independent of the predictions" in told[-2]


def test_by_a_temperature_that_nobody_has_on_given_labels_nothing_is_decided():
    assert decide(gce_leads(), temperature="known") == []


@pytest.mark.parametrize(("accuracy", "advice"), [(None, "Label more examples"), (0.3, "Train a better model")])
def test_advice_where_wrong_labels_can_not_be_counted_is_more_examples_or_a_better_model(accuracy, advice):
    (verdict,) = decide(gce_leads())
    refused = Refused("the reason", 0, accuracy, None)
    assert advice in next_steps(replace(verdict, held_out=refused))[-1]


def test_the_p_of_a_verdict_for_new_examples_says_so_and_stands_beside_their_interval(flipped):
    rows, folder = flipped
    for results, headings in (
        (folder, ["p (Holm, new examples)", "Δ accuracy to ce [joint 95 %, this test set]"]),
        (None, ["p (Holm)"]),
    ):
        (verdict,) = decide(rows, results=results)
        header = decision_table(verdict).header
        place = header.index(headings[0])
        assert "Δ accuracy to ce [joint 95 %" in header[place - 1]
        assert "this test set" not in header[place - 1]
        assert list(header[place : place + len(headings)]) == headings


def test_without_what_each_example_got_only_symmetric_noise_is_spoken_of(flipped):
    (verdict,) = decide(flipped[0])
    (pair,) = as_json(verdict)["would_change"]["pairs"]
    assert (pair["answers_kept"], pair["by_class"], pair["wrong_labels"]) == (False, None, None)
    assert "What each test example got is not kept" in paragraphs(verdict)[-2]
    assert "Train without --no-per-example" in paragraphs(verdict)[-1]


def test_every_command_and_option_that_is_recommended_exists(flipped):
    from lsbench.cli.commands import COMMANDS, loaded

    commands = {name: loaded(name) for name in COMMANDS}
    params = [one for command in commands.values() for one in command.params]
    opts = {option for one in params for option in (*one.opts, *one.secondary_opts)}
    own_folder, *others = [(flipped[0], flipped[1]), (flipped[0], None), (gce_leads(), None)]
    texts = [
        text
        for rows, results in (own_folder, *others)
        for by in CRITERIA
        for v in decide(rows, by, results=results)
        for text in paragraphs(v)
    ]
    with_folder = [
        text for by in CRITERIA for v in decide(own_folder[0], by, results=own_folder[1]) for text in paragraphs(v)
    ]
    commands_said = re.findall(r"lsbench (?:decide|verify) \S+", " ".join(with_folder))
    assert {line.split()[2] for line in commands_said} == {str(flipped[1])}  # the folder of these rows
    for text in texts:
        for name in re.findall(r"lsbench (\w+)", text):
            assert name in commands
        assert set(re.findall(r"--[a-z-]+", text)) <= opts


def test_what_nll_and_brier_would_be_by_the_true_labels_is_told_from_the_kept_log_probs(tmp_path):
    rng = np.random.default_rng(2)
    truth = rng.integers(4, size=4000)
    given = np.where(rng.random(4000) < 0.2, (truth + rng.integers(1, 4, 4000)) % 4, truth)
    rows, true, briers = [], {}, {}
    for loss, sharpness in (("ce", 2.0), ("lsr", 1.0)):
        log_probs = log_softmax(rng.normal(size=(4000, 4)) + sharpness * np.eye(4)[truth], axis=1)
        each = {labels: -log_probs[np.arange(4000), y].mean() for labels, y in (("true", truth), ("given", given))}
        kept = HeldOutPredictions(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 4)), log_probs)
        data = {"train": [9] * 4, "held_out": [1] * 4, "test": np.bincount(given).tolist(), "classes": list("abcd")}
        parts = {"data": data, "noise_record": {}}
        row = a_row(loss, 0, rate=0, eps=0.1 if loss == "lsr" else None, nll=each["given"], parts=parts)
        (row,) = own([replace(row, predictions=pack_predictions(kept))])
        write(row, tmp_path)
        rows.append(row)
        true[row.cell.arm.name] = each["true"]
        briers[row.cell.arm] = [((np.exp(log_probs) - np.eye(4)[y]) ** 2).sum(1).mean() for y in (given, truth)]
    (verdict,) = decide(rows, "nll", results=tmp_path)
    told = {one["arm"]: one["numbers"]["0.2"] for one in as_json(verdict)["would_change"]["if_symmetric"]}
    assert told == pytest.approx(true, abs=0.04)
    for arm in verdict.compared:
        given_brier, true_brier = briers[arm.key]
        free = label_free_of(arm, "brier", 4, tmp_path)
        assert undiluted(given_brier, 0.2, 4, free) == pytest.approx(true_brier, abs=0.02)
    assert "it would be the same order by NLL" in paragraphs(verdict)[-2]
    assert len(verdict_tables(verdict)[1].lines) == 2


def test_equal_within_the_tolerance_is_said_to_be_so_of_given_labels_alone():
    (verdict,) = decide(gce_leads(), tolerance=0.1)
    assert as_json(verdict)["claims"][0]["finding"] == "equivalent"
    assert "differences by the true ones are 1.29 times as large" in paragraphs(verdict)[-2]
