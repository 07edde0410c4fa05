"""`--verified` of decide and report, and of compare: what files of looked-at labels show."""

import json
import shutil
from dataclasses import replace

import pytest

from lsbench import compare
from lsbench.errors import InputError
from lsbench.report.decision import looked_of
from lsbench.rows.store import write
from tests.analysis.looked.made import by_doubt, design_of, looks_at, make, write_answers


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Rows of two losses, and the file of 100 looks at them."""
    made = make(tmp_path_factory.mktemp("results"), {"ce": 1.2, "gce": 2.4}, seeds=3)
    return made, write_answers(made, looks_at(made, 100, sizes=by_doubt(made)), made.folder)


def test_decide_says_what_the_looks_show_in_place_of_what_given_labels_do(lsbench, answered):
    made, path = answered
    code, out, _ = lsbench("decide", str(made.folder), "--verified", str(path))
    assert code == 0
    assert "what 100 looked-at labels show: take gce." in out
    assert "Nobody vouches" not in out
    assert "given test labels beside looked-at ones" in out


def test_decide_gives_the_same_as_json_beside_what_given_labels_show(lsbench, answered):
    made, path = answered
    code, out, _ = lsbench("decide", str(made.folder), "--verified", str(path), "--by", "nll", "--json")
    (told,) = json.loads(out)
    assert code == 0
    assert told["claims"] == []
    assert told["looked"]["claims"]
    assert told["looked"]["looks"]["people"] == ["anna"]
    assert looked_of(made.rows, [path], made.folder)[0]["looks"] == told["looked"]["looks"]


@pytest.mark.usefixtures("figures_as_words")
def test_report_has_them_above_the_tables_and_on_the_page(lsbench, answered, tmp_path):
    made, path = answered
    code, out, _ = lsbench("report", str(made.folder), "--verified", str(path), "--out", str(tmp_path / "page"))
    assert code == 0
    assert out.index("what 100 looked-at labels show") < out.index("accuracy %  ")
    page = (tmp_path / "page" / "index.html").read_text()
    assert "what 100 looked-at labels show" in page
    assert "given test labels beside looked-at ones" in page
    assert "Nobody vouches" not in page


def test_decide_ends_with_the_line_that_chooses_examples_to_look_at(lsbench, answered):
    made, _ = answered
    for by in ("accuracy", "nll"):
        assert f"lsbench verify {made.folder} --n 100." in lsbench("decide", str(made.folder), "--by", by)[1]
    assert "lsbench verify" not in lsbench("decide", str(made.folder), "--by", "ece")[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["decide", "--verified", "none.csv"], "none.csv"),
        (["decide", "--verified", "FILE", "--select", "lr"], "leave out --select"),
        (["report", "--verified", "FILE", "--format", "csv"], "lsbench decide --json"),
    ],
)
def test_what_can_not_be_used_is_one_sentence(lsbench, answered, options, words):
    made, path = answered
    command, *rest = [str(path) if word == "FILE" else word for word in options]
    code, _, err = lsbench(command, str(made.folder), *rest)
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_looks_at_another_data_set_are_refused(lsbench, answered, tmp_path):
    _, path = answered
    other = make(tmp_path / "other", {"ce": 1.2, "gce": 2.4}, seeds=3, fingerprint="other")
    code, _, err = lsbench("decide", str(other.folder), "--verified", str(path))
    assert code == 2
    assert err.count("\n") == 1


def test_looked_at_training_labels_tell_how_many_differ_and_of_what_prune_leaves_out(lsbench, tmp_path):
    made = make(tmp_path / "results", {"ce": 1.2, "gce": 2.4}, seeds=3, held_out=True)
    path = write_answers(made, looks_at(made, 100, design=replace(design_of(made, 100), part="train")), tmp_path)
    code, out, _ = lsbench("decide", str(made.folder), "--verified", str(path))
    assert code == 0
    assert "training labels: 100 of 400 were looked at. About" in out
    assert "left out by prune" in out
    assert "looked-at labels show" not in out
    (told,) = json.loads(lsbench("decide", str(made.folder), "--verified", str(path), "--json")[1])
    noise = told["looked_training"]["noise"]
    assert noise["low"] <= (made.truth != made.given).mean() <= noise["high"]
    assert "looked" not in told


def test_compare_has_what_looks_show_in_its_attributes(answered):
    with pytest.raises(InputError, match="verified needs out"):
        compare(data="blobs", model="linear", losses=["ce", "lsr"], seeds=2, verified="verified.csv")


def test_of_two_settings_each_has_its_verdict_and_the_given_labels_are_shown_once(lsbench, answered, tmp_path):
    made, path = answered
    shutil.copytree(made.folder, tmp_path / "two")
    for row in made.rows:
        other = replace(row, cell=replace(row.cell, model="mlp"))
        write(replace(other, examples=row.examples, predictions=row.predictions), tmp_path / "two")
    code, out, _ = lsbench("decide", str(tmp_path / "two"), "--verified", str(path))
    assert code == 0
    assert out.count("what 100 looked-at labels show: take gce.") == 2
    assert out.count("given test labels beside looked-at ones") == 1
    assert "The examples were not chosen for some networks of ce, gce" in out
