import json
from dataclasses import replace

import pytest

from lsbench.analysis import decide
from lsbench.analysis.summary import arms_by_setting
from lsbench.cli import report
from lsbench.report import build
from lsbench.report.pictures import gather
from lsbench.rows import store
from tests.analysis.summary.handmade import a_row, rows_of


def keep(rows, out):
    for row in rows:
        store.write(row, out)
    return str(out)


@pytest.fixture
def results(tmp_path):
    held_out = {"val_accuracy": 0.7, "val_nll": 1.0, "val_clean_accuracy": 0.8}
    curves = {"curves": {"accuracy": [0.5, 0.9], "ece": [0.2, 0.1], "val_accuracy": [0.7, 0.6], "val_nll": [1.0, 1.1]}}
    rows = [
        *rows_of("ce", [0.90, 0.91, 0.92], parts=curves, **held_out),
        *rows_of("lsr", [0.80, 0.815, 0.82], eps=0.1, parts=curves, **held_out),
        *rows_of("lsr", [0.70, 0.715, 0.72], eps=0.2, parts=curves, **held_out),
    ]
    return keep(rows, tmp_path / "results")


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("accuracy(lsr,0.1) < accuracy(ce) - 0.5", 5),
        ("accuracy(lsr,0.1) > accuracy(ce)", 0),
        ("accuracy(lsr) > 5", 2),
        ("accuracy(lsr,0.7) > 5", 2),
        ("nonsense", 2),
        ("accuracy(ce) < baseline.accuracy(ce)", 2),
        ("regression", 2),
    ],
)
def test_fail_if_ends_with_5_where_it_holds_and_with_2_where_it_cannot_be_told(lsbench, results, condition, code):
    found, out, err = lsbench("report", results, "--fail-if", condition)
    assert found == code
    assert "Traceback" not in err
    if code == 5:
        assert "holds for blobs, linear, symmetric noise 0.2: 81.1667 < 90.5" in err
        assert "accuracy %" in out  # the report is shown all the same


def test_one_condition_of_several_is_enough(lsbench, results):
    assert lsbench("report", results, "--fail-if", "accuracy(ce) < 1", "--fail-if", "accuracy(ce) > 1")[0] == 5


def test_a_regression_against_the_baseline_is_exit_code_5(lsbench, results, tmp_path):
    older = keep(rows_of("ce", [0.95, 0.961, 0.972]), tmp_path / "older")
    code, out, err = lsbench("report", results, "--baseline", older, "--fail-if", "regression")
    assert code == 5
    assert "ce is worse than in the baseline" in err
    assert "WORSE" in out
    assert lsbench("report", results, "--baseline", results, "--fail-if", "regression")[0] == 0
    assert lsbench("report", results, "--baseline", older)[0] == 0


def test_a_baseline_that_shares_nothing_is_an_error_not_a_pass(lsbench, results, tmp_path):
    other = keep(rows_of("ce", [0.9], rate=0.6), tmp_path / "other")
    assert lsbench("report", results, "--baseline", other, "--fail-if", "regression")[0] == 2
    assert lsbench("report", results, "--baseline", str(tmp_path / "nowhere"))[0] == 4


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tables", "selection"], "best noisy val NLL"),
        (["--tables", "selection", "--last-k", "2"], "mean of last 2"),
        (["--tables", "selection", "--show-dishonest"], "DISHONEST"),
        (["--tables", "calibration"], "SmoothECE %"),
        (["--select", "eps"], "oracle's accuracy − this"),
        (["--multiverse"], "τ with the last epoch"),
        (["--tables", "all"], "rank: last epoch"),
        (["--tables", "main,calibration", "--format", "markdown"], "| temperature |"),
        (["--tables", "selection", "--format", "latex"], r"\toprule"),
        (["--format", "csv", "--wide"], "known.ece"),
    ],
)
def test_every_table_can_be_asked_for(lsbench, results, options, says):
    code, out, err = lsbench("report", results, *options)
    assert code == 0, err
    assert says in out


@pytest.mark.usefixtures("figures_as_words")
def test_what_is_dishonest_is_shown_only_on_request(lsbench, results):
    for options in (["--tables", "all"], ["--format", "csv", "--wide"], ["--format", "html"], ["--multiverse"]):
        out = lsbench("report", results, *options)[1]
        assert "best test" not in out
        assert "best-test" not in out


@pytest.mark.parametrize(
    "options", [["--tables", "mane"], ["--last-k", "0"], ["--select", "loss"], ["--format", "pdf"]]
)
def test_what_no_report_has_is_exit_code_2(lsbench, results, options):
    code, _, err = lsbench("report", results, *options)
    assert code == 2
    assert "Traceback" not in err


def test_csv_columns_stay_as_they_were(lsbench, results):
    head = lsbench("report", results, "--format", "csv")[1].splitlines()[0]
    assert head.startswith(
        "id,dataset,model,loss,eps,noise,noise_rate,noise_realised,seed,status,epochs,accuracy,error_rate,nll,brier,ece,"
        "train_accuracy_clean,train_accuracy_wrong,seconds,"
    )


def test_out_writes_the_tables_the_page_and_the_pictures_and_groups_the_rows_once(
    lsbench, results, tmp_path, monkeypatch
):
    out, calls = tmp_path / "page", []
    for module in (build, decide, gather):
        name = "arms_by_setting"
        monkeypatch.setattr(module, name, lambda rows, **how: calls.append(len(rows)) or arms_by_setting(rows, **how))
    code, printed, err = lsbench("report", results, "--out", str(out), "--columns", "ece")
    assert code == 0, err
    assert calls == [9]
    assert ("NLL" in printed, "NLL" in (out / "report.txt").read_text()) == (False, True)
    names = {path.name for path in out.iterdir()}
    assert {"index.html", "report.md", "report.tex", "report.txt", "rows.csv", "rows.json", "figures"} <= names
    page = (out / "index.html").read_text()
    assert "take plain cross-entropy" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert {path.suffix for path in (out / "figures").iterdir()} == {".png", ".svg", ".pdf"}
    assert "rank: last epoch" in page


def test_a_page_that_was_written_is_not_printed_too(capsys):
    report.show(None, [], report.Format.html, written=True)
    assert capsys.readouterr().out == ""


def test_columns_are_chosen_in_formats_of_tables_and_refused_in_the_others(lsbench, results):
    for form in ("table", "markdown", "latex"):
        out = lsbench("report", results, "--columns", "ece", "--format", form)[1]
        assert "ECE" in out
        assert "NLL" not in out
    assert "acc − conf %" not in lsbench("decide", results, "--columns", "ece,aurc")[1]
    for form in ("csv", "json", "html"):
        code, _, err = lsbench("report", results, "--columns", "ece", "--format", form)
        assert code == 2
        assert "always has all of them" in err


@pytest.mark.parametrize("by", ["accuracy", "nll", "calibration", "ece", "selective"])
def test_decide_says_what_wins_or_that_nothing_does_by_every_criterion(lsbench, tmp_path, by):
    many = {"nll": 1.0, "ece": 0.1, "signed_error": 0.1, "aurc": 0.1}
    rows = [
        a_row(loss, seed, 0.9 - gap - seed / 1000, eps=eps, **{name: v + gap + seed / 900 for name, v in many.items()})
        for loss, eps, worse in (("ce", None, 0.0), ("lsr", 0.1, 0.05))
        for seed in range(3)
        for gap in [worse * (1 + seed / 50)]
    ]
    results = keep(rows, tmp_path / "results")
    code, out, err = lsbench("decide", results, "--by", by)
    assert code == 0, err
    assert "take plain cross-entropy. It is shown to be better by" in " ".join(out.split())
    (verdict,) = json.loads(lsbench("decide", results, "--by", by, "--json")[1])
    assert verdict["winner"] == "ce"
    assert [(claim["family"], claim["finding"]) for claim in verdict["claims"]] == [
        ("baseline", "worse"),
        ("pairs", "better"),
    ]
    tolerant = json.loads(lsbench("decide", results, "--by", by, "--json", "--tolerance", "50")[1])
    assert tolerant[0]["winner"] is None


@pytest.mark.parametrize("options", [["--by", "speed"], ["--tolerance", "-1"], ["--tolerance", "nan"]])
def test_decide_refuses_what_makes_no_sense(lsbench, results, options):
    code, _, err = lsbench("decide", results, *options)
    assert code == 2
    assert "Traceback" not in err


def test_decide_without_two_losses_or_rows_is_exit_code_4(lsbench, tmp_path):
    assert lsbench("decide", keep(rows_of("ce", [0.9]), tmp_path / "one"))[0] == 4
    assert lsbench("decide", str(tmp_path / "nowhere"))[0] == 4


@pytest.mark.usefixtures("figures_as_words")
def test_differences_hold_for_new_examples_where_what_each_got_was_kept(lsbench, tmp_path):
    options = ["--dataset", "blobs", "--model", "linear", "--loss", "ce,lsr", "--seeds", "3", "--epochs", "2"]
    assert lsbench("run", *options, "--out", "kept", "--save-logits", "--jobs", "1")[0] == 0
    assert "on new examples" in " ".join(lsbench("decide", "kept")[1].split())
    (found,) = json.loads(lsbench("decide", "kept", "--json")[1])
    assert found["on"] == "new examples"
    claim = found["claims"][0]
    assert claim["difference"]["mean"] == pytest.approx(claim["difference_on_test_set"]["mean"], abs=1e-6)
    for path in (tmp_path / "kept" / "examples").rglob("*.npz"):
        path.unlink()
    assert json.loads(lsbench("decide", "kept", "--json")[1])[0]["on"] == "new examples"  # by the log-probs
    for path in (tmp_path / "kept" / "logits").glob("*.npz"):
        path.write_bytes(b"torn")
    code, _, err = lsbench("decide", "kept")
    assert code == 0
    assert "skipped" in err
    assert "not the log-probs" in err
    assert "not the log-probs" in lsbench("report", "kept", "--format", "html")[2]


def test_a_tolerance_is_in_points_of_the_tables(lsbench, tmp_path):
    rows = [*rows_of("ce", [0.90, 0.91, 0.92, 0.93]), *rows_of("lsr", [0.88, 0.891, 0.90, 0.912], eps=0.1)]
    results = keep(rows, tmp_path / "results")
    for tolerance, winner in (("0.5", "ce"), ("5", None)):
        (verdict,) = json.loads(lsbench("decide", results, "--tolerance", tolerance, "--json")[1])
        assert verdict["winner"] == winner
        assert verdict["tolerance"] == float(tolerance) / 100


def test_an_arm_that_diverged_somewhere_is_no_pass(lsbench, tmp_path):
    bad = [replace(row, status="diverged") for row in rows_of("lsr", [0.1, 0.1], eps=0.1, rate=0.4)]
    good = [*rows_of("ce", [0.9, 0.9]), *rows_of("lsr", [0.9, 0.9], eps=0.1), *rows_of("ce", [0.9, 0.9], rate=0.4)]
    code, _, err = lsbench("report", keep(good + bad, tmp_path / "results"), "--fail-if", "accuracy(lsr,0.1) < 80")
    assert code == 2
    assert "lsr 0.1 lost 2 of 2 seeds in blobs, linear, symmetric noise 0.4" in err


def test_what_the_test_labels_choose_is_refused_in_a_condition_unless_asked_for(lsbench, results):
    line = ["report", results, "--fail-if", "best-test.accuracy(ce) < 101"]
    assert lsbench(*line)[0] == 2
    assert lsbench(*line, "--show-dishonest")[0] == 5


def test_unknown_noise_is_not_told_and_needs_no_known_noise(lsbench, results):
    out = lsbench("decide", results, "--unknown-noise")[1]
    assert "symmetric" not in out
    assert json.loads(lsbench("decide", results, "--unknown-noise", "--json")[1])[0]["noise_rate"] is None
    for name in ("known", "forward"):  # as it was called
        assert lsbench("decide", results, "--unknown-noise", "--temperature", name)[0] == 2
    code, _, err = lsbench("decide", results, "--temperature", "knwn")
    assert (code, "one of none, noisy, estimated, known, oracle" in err) == (2, True)


def test_the_temperature_stands_in_the_verdict_and_its_numbers_in_the_table(lsbench, tmp_path):
    def scaled(ece):
        return {"scaled": {"noisy": {"temperature": 1.0, "status": "ok", "metrics": {"ece": ece}, "bins": {}}}}

    rows = [a_row("ce", i, ece=0.5, parts=scaled(0.01 + i / 1000)) for i in range(3)]
    rows += [a_row("lsr", i, eps=0.1, ece=0.1, parts=scaled(0.10 + i / 900)) for i in range(3)]
    out = lsbench("decide", keep(rows, tmp_path / "results"), "--by", "ece", "--temperature", "noisy")[1]
    assert "ce: ECE 1.10 ± 0.10 % after noisy temperature scaling" in " ".join(out.split())
    assert "by ece after noisy temperature scaling" in out


def test_reports_do_not_go_among_the_rows(lsbench, results):
    code, _, err = lsbench("report", results, "--out", f"{results}/cells/04")
    assert code == 2
    assert "among the rows" in err


@pytest.mark.parametrize("command", ["report", "decide"])
def test_trust_in_test_labels_that_were_made_wrong_is_said_to_have_no_effect(lsbench, tmp_path, command):
    rows = [*rows_of("ce", [0.9, 0.8]), *rows_of("gce", [0.8, 0.9])]
    wrong = {"test_noise": "symmetric", "test_noise_rate": 0.1}
    out = keep([replace(row, cell=replace(row.cell, **wrong)) for row in rows], tmp_path)
    code, _, err = lsbench(command, out, "--trust", "test")
    assert (code, "they stay as given" in err) == (0, True)
    assert "they stay as given" not in lsbench(command, out)[2]
