"""A loss that failed or diverged at some seeds is not judged by the others: they are those at which it did well."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lsbench.analysis.condition import check, parse
from lsbench.analysis.decide import decide
from lsbench.analysis.summary import arms_of, changes_since, choose_eps, multiverse, summarise
from lsbench.cli.conditions import Conditions
from lsbench.errors import ConditionError, InputError
from lsbench.protocols import Published, compare_published
from lsbench.report import layout, tables
from lsbench.report.assemble import build_page
from lsbench.report.build import Report, ReportOptions
from lsbench.report.decision import as_json, decision_table, evidence, paragraph
from lsbench.report.pictures import prepare_all
from lsbench.report.pictures.forest import Forest
from lsbench.report.pictures.ranks import Ranks
from lsbench.rows.row import Row
from tests.analysis.summary.handmade import a_row, curves_of, rows_of

CE, LSR = [0.900, 0.911, 0.922, 0.933, 0.944, 0.955], [0.80, 0.812, 0.823, 0.835, 0.844, 0.855]


def lost(loss, seeds, status="diverged", **changes):
    return [Row(cell=a_row(loss, s, **changes).cell, status=status, error="the loss was not finite") for s in seeds]


def diverging():
    """The field case: nce is the best of all at the 3 seeds of 6 at which it does not diverge."""
    left = [a_row("nce", seed, 0.99 + seed / 1000) for seed in (0, 2, 4)]
    return [*rows_of("ce", CE), *rows_of("lsr", LSR, eps=0.1), *left, *lost("nce", (1, 3, 5))]


def found(verdict):
    return {verdict.arms[claim.arm].name: claim.finding for claim in verdict.choice.baseline_claims}


def test_it_cannot_win_and_is_listed_unless_survivors_may_be_compared():
    (verdict,) = decide(diverging())
    text = paragraph(verdict)
    assert verdict.choice.winner is None
    assert verdict.suggested.name == "ce"
    assert (
        "take plain cross-entropy. No other loss is shown to be better by accuracy. With 95 % confidence it is" in text
    )
    assert "Nothing is said of nce, whose training failed or diverged at least once." in text
    assert "nce (lost 3 of 6)" in evidence(verdict)
    assert "worse: lsr 0.1 (" in evidence(verdict)
    (told,) = decide(diverging(), survivors=True)
    assert "the best of those compared is one of: plain cross-entropy, nce." in paragraph(told)
    assert "Compared by the seeds that are left" in evidence(told)
    assert "nce (lost 3 of 6)" in evidence(told)


def test_nothing_beats_it_by_its_survivors():
    rows = [*rows_of("ce", CE), *rows_of("mae", [0.10, 0.12]), *lost("mae", (2, 3, 4, 5), "failed")]
    (verdict,) = decide(rows)
    assert verdict.choice.winner is None
    assert found(verdict)["mae"] == "undecided"
    assert "worse" not in paragraph(verdict) + evidence(verdict)
    (told,) = decide(rows, survivors=True)
    assert told.arms[told.choice.winner].name == "ce"
    (summary,) = summarise(rows)
    assert summary.best["accuracy"] is None


def test_it_is_not_among_the_best_by_other_criteria():
    rows = [*rows_of("ce", CE, ece=0.2), *[a_row("nce", s, 0.1, ece=0.01 + s / 1000) for s in range(5)]]

    def best_by_ece(rows):
        return next(one.best.name for one in decide(rows)[0].elsewhere if one.criterion == "ece")

    assert best_by_ece(rows) == "nce"
    assert best_by_ece([*rows, *lost("nce", [5])]) == "ce"


def test_it_stays_in_the_family_of_the_adjustment():
    """Three comparisons were wanted: that one was lost makes the others' p no smaller."""
    rows = [*rows_of("ce", CE), *rows_of("lsr", [x - 0.01 - i / 300 for i, x in enumerate(CE)], eps=0.1)]
    whole = [*rows, *rows_of("nce", [x + (-1) ** i / 1000 for i, x in enumerate(CE)])]
    for adjusted in (
        lambda rows: decide(rows)[0].choice.against_baseline[arms_of(rows)[1].key].p_adjusted,
        lambda rows: summarise(rows)[0].comparisons[arms_of(rows)[1].key].p_holm,
    ):
        assert adjusted([*rows, *lost("nce", range(6))]) == pytest.approx(adjusted(whole)) == 2 * adjusted(rows)


def test_every_text_counts_the_comparisons_that_were_made_and_tells_for_how_many_it_is_corrected():
    """Of 4 losses one lost seeds: 2 of 3 comparisons with ce are made, and 3 of 6 pairs."""
    curves = curves_of(accuracy=[0.5, 0.6], val_accuracy=[0.9, 0.1])
    rows = [*rows_of("ce", CE, **curves), *rows_of("mae", LSR, **curves), *rows_of("rce", CE[::-1], **curves)]
    rows += lost("nce", [3])
    (verdict,) = decide(rows)
    (better,) = decide([*rows, *rows_of("gce", [x + 0.1 for x in CE])])
    (forest,) = (one for one in prepare_all(rows) if isinstance(one.data, Forest))
    said = " ".join((evidence(verdict), evidence(better), forest.caption, layout.plain(report_of(rows).tables)))
    texts = set(re.findall(r"\d+ (?:comparisons?|pairs?)\b[^)]*?jointly", said))
    assert texts == {
        "2 comparisons, corrected for 3, jointly",
        "3 pairs, corrected for 6, jointly",
        "3 comparisons, corrected for 4, jointly",
        "6 pairs, corrected for 10, jointly",
    }
    assert said.count("Not compared, as") == said.count("count them all the same") > 2
    assert as_json(verdict)["families"] == {
        "baseline": {"made": 2, "counted": 3},
        "pairs": {"made": 3, "counted": 6},
    }
    claims = [one for one in as_json(verdict)["claims"] if "nce" in (one["arm"], one["other"])]
    assert len(claims) == 1 + 3
    assert {(one["finding"], one["difference"], one["p_holm"]) for one in claims} == {(None, None, None)}


def test_without_ce_no_order_of_a_loss_that_lost_seeds_is_called_undecided():
    rows = [*rows_of("lsr", LSR, eps=0.1), *rows_of("mae", LSR[::-1]), *lost("nce", range(6))]
    (verdict,) = decide(rows)
    assert "Undecided against" in evidence(verdict)
    assert evidence(verdict).count("nce") == 1
    assert "nce (lost 6 of 6)" in evidence(verdict)


def test_of_a_loss_without_any_result_there_are_no_survivors_to_compare():
    rows = [*diverging(), *lost("mae", range(6))]
    (verdict,) = decide(rows, survivors=True)
    text = evidence(verdict)
    assert "Not compared, as seeds failed or diverged: mae (lost 6 of 6)." in text
    assert (
        "Compared by the seeds that are left, which may be those at which a loss did well: nce (lost 3 of 6)." in text
    )
    assert "(2 comparisons, corrected for 3, jointly at the 5 % level)" in text
    assert text.count("mae") == 1
    table = {line[0].text: [field.text for field in line] for line in decision_table(verdict).lines}
    assert "not compared" in table["mae"]
    assert "undecided" not in table["mae"]
    assert "not compared" not in table["nce"]


def test_what_lacks_the_deciding_number_is_not_compared_and_not_undecided():
    rows = [*rows_of("ce", CE), *rows_of("lsr", LSR, eps=0.1), *[a_row("gce", 17, 0.9)]]
    (verdict,) = decide(rows)
    assert "(1 comparison, corrected for 2, jointly at the 5 % level): worse: lsr 0.1 (" in evidence(verdict)
    assert "; not compared: gce (no seed of both)." in evidence(verdict)
    (line,) = (line for line in decision_table(verdict).lines if line[0].text == "gce")
    assert "not compared" in [field.text for field in line]


def test_where_nothing_is_claimed_survivors_are_not_offered_and_nothing_is_corrected():
    rows = [replace(row, labels={"train": "given", "test": "given"}) for row in diverging()]
    (verdict,) = decide(rows, "nll")
    assert not verdict.may_claim
    said = "Seeds failed or diverged: nce (lost 3 of 6). The seeds that are left may be those at which a loss did well."
    assert said in evidence(verdict)
    assert not re.search("ot compared|--survivors|orrect", evidence(verdict))


def test_where_the_baseline_lost_seeds_nothing_is_compared_with_it():
    rows = [*rows_of("ce", CE[:4]), *lost("ce", (4, 5)), *rows_of("lsr", LSR, eps=0.1), *rows_of("mae", LSR[::-1])]
    (summary,) = summarise(rows)
    assert [one.difference for one in summary.comparisons.values()] == [None, None]
    assert "ce (lost 2 of 6)" in " ".join(note for table in report_of(rows).tables for note in table.notes)
    (verdict,) = decide(rows)
    assert verdict.suggested.name == "lsr 0.1"


def test_where_all_lost_seeds_there_is_no_verdict_and_all_are_listed():
    rows = [*rows_of("ce", CE[:4]), *lost("ce", (4, 5)), *lost("mae", range(5))]
    (verdict,) = decide(rows)
    assert verdict.suggested is None
    assert "no advice by accuracy, as the training of every loss failed or diverged at least once." in paragraph(
        verdict
    )
    assert [arm["compared"] for arm in as_json(verdict)["arms"]] == [False, False]
    assert [line[2].text for line in decision_table(verdict).lines] == ["4 (lost 2 of 6)", "0 (lost 5 of 5)"]


def report_of(rows):
    return Report(rows, [], ReportOptions(("main", "selection", "calibration", "eps", "multiverse")))


@pytest.mark.parametrize(
    "shown",
    [
        lambda report: tables.markdown(report.tables),
        lambda report: tables.latex(report.tables),
        lambda report: layout.plain(report.tables),
        lambda report: build_page(report, ("main",), []),
        lambda report: evidence(decide(report.rows)[0]),
    ],
)
def test_a_loss_without_any_result_is_listed_everywhere(shown):
    assert "lost 5 of 5" in shown(report_of([*rows_of("ce", CE[:5]), *lost("mae", range(5), "failed")]))


def test_json_says_how_many_were_lost():
    arms = {arm["name"]: arm for arm in as_json(decide(diverging())[0])["arms"]}
    assert {name: (arm["n"], arm["lost"], arm["compared"], arm["may_be_best"]) for name, arm in arms.items()} == {
        "ce": (6, 0, True, True),
        "lsr 0.1": (6, 0, True, False),
        "nce": (3, 3, False, False),
    }


@pytest.mark.parametrize("text", ["accuracy(nce) < accuracy(ce)", "accuracy(nce) < 50", "accuracy(ce) > accuracy(nce)"])
def test_a_condition_is_not_met_nor_passed_by_survivors(text):
    with pytest.raises(InputError, match=r"nce lost 3 of 6 seeds in blobs.*so that it can't be evaluated; --survivors"):
        check(parse(text), diverging())
    how = {"status": "failed", "error": "its process was killed by SIGKILL (out of memory?)"}
    killed = [replace(row, **how) if row.status == "diverged" else row for row in diverging()]
    with pytest.raises(InputError, match="train them again with lsbench run --rerun failed; --survivors"):
        check(parse(text), killed)
    assert not check(parse(text), diverging(), survivors=True)[0].holds


def test_a_condition_on_an_older_folder_that_lost_seeds_is_not_evaluated():
    with pytest.raises(InputError, match="ce lost 1 of 6"):
        check(
            parse("accuracy(ce) < baseline.accuracy(ce)"), rows_of("ce", CE), [*rows_of("ce", CE[:5]), *lost("ce", [5])]
        )


def test_losing_seeds_is_a_regression():
    older, now = rows_of("ce", CE), [*rows_of("ce", CE[:4]), *lost("ce", (4, 5))]
    (found,) = changes_since(now, older)
    assert found.changes[0].accuracy is None
    with pytest.raises(ConditionError, match="ce lost 2 of 6 seeds"):
        conditions().require_none(now, older)
    with pytest.raises(InputError, match="lost seeds in the baseline or here"):
        conditions().require_none(older, now)
    conditions(survivors=True).require_none(now, older)


def conditions(*, survivors=False):
    return Conditions(["regression"], Path("old"), show_dishonest=False, survivors=survivors)


def of_eps(eps, seeds):
    held_out = {"val_accuracy": 0.7, "val_nll": 1.0, "val_clean_accuracy": 0.7}
    return [a_row("lsr", seed, 0.9, eps=eps, **held_out) for seed in seeds]


def test_no_eps_is_chosen_over_the_seeds_that_are_left():
    rows = [*of_eps(0.1, range(3)), *of_eps(0.2, range(2)), *lost("lsr", [2], eps=0.2)]
    assert choose_eps(arms_of(rows)) == []
    assert choose_eps(arms_of(rows, survivors=True))[0].n == 2


def test_the_multiverse_leaves_it_out_and_counts_it():
    curves = curves_of(accuracy=[0.5, 0.6], val_accuracy=[0.9, 0.1])
    rows = [a_row(loss, seed, **curves) for loss in ("ce", "mae", "nce") for seed in range(3)]
    rows += lost("nce", [3])
    compared = multiverse(arms_of(rows))
    assert ([arm.name for arm in compared.arms], compared.pairs) == (["ce", "mae"], (1, 3))
    assert len(multiverse(arms_of(rows, survivors=True)).arms) == 3


def test_pictures_neither_rank_nor_compare_it_and_their_captions_say_so():
    one = [*diverging(), *rows_of("mae", LSR[::-1])]
    rows = [replace(row, cell=replace(row.cell, noise_rate=i / 10)) for i in range(1, 6) for row in one]
    for survivors in (False, True):
        found = {type(picture.data): picture for picture in prepare_all(rows, survivors=survivors)}
        ranked = {arm.loss for arm in found[Ranks].data.rankings[0].arms}
        compared = {line.arm.loss for line in found[Forest].data.lines}
        assert ("nce" in ranked, "nce" in compared) == (survivors, survivors)
        assert "nce lost 3 of 6" in found[Forest].caption
    (ranks,) = (picture for picture in prepare_all(rows) if type(picture.data) is Ranks)
    assert "Not ranked, as they lost seeds: nce." in ranks.caption


def test_no_published_number_is_reproduced_by_survivors():
    ok = [a_row("ce", i, x, **curves_of(accuracy=[x])) for i, x in enumerate([0.899, 0.900, 0.901])]
    published = Published(loss="ce", value=90.0, provenance="read")
    assert compare_published(published, ok, 1.0).verdict == "reproduced"
    assert compare_published(published, [*ok, *lost("ce", [3])], 1.0).verdict == "lost 1 of 4"
    assert compare_published(published, [*ok, *lost("ce", [3])], 1.0, survivors=True).verdict == "reproduced"
