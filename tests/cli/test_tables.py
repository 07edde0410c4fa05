"""A table, from its file to a verdict."""

import json

import pytest

from tests.data.test_tables import flowers, save

RUN = ("--epochs", "2", "--loss", "ce,gce", "--seeds", "2", "--jobs", "1")


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = flowers().assign(person=[f"p{i % 12}" for i in range(60)])
    frame.loc[4, "width"] = None
    return save(frame)


def test_a_table_is_run_reported_and_decided_in_a_line_each(lsbench, table, tmp_path):
    code, _, err = lsbench("run", "--dataset", table, "--groups", "person", "--noise", "0.2", *RUN)
    assert code == 0, err
    assert "1 missing values are filled in with the median" in err
    rows = [json.loads(path.read_text()) for path in tmp_path.glob("results/cells/*/*.json")]
    assert {row["cell"]["model"] for row in rows} == {"mlp:widths=128-64"}
    assert len(rows) == 4
    for command in (("report",), ("decide",)):
        code, out, err = lsbench(*command)
        assert code == 0, err
    code, out, _ = lsbench("report", "--format", "csv")
    assert out.count("./flowers.csv:column=person:label=kind") >= 2


def test_labels_of_a_table_printed_are_taken_back_by_the_names_of_its_rows(lsbench, table, tmp_path):
    name = f"{table}:drop=person"
    code, out, _ = lsbench("order", name)
    assert code == 0
    (tmp_path / "labels.csv").write_text(out.replace(",aster", ",rose", 1))
    options = ("--model", "linear", "--noise-kind", "human:labels.csv", "--epochs", "1", "--loss", "ce", "--seeds", "1")
    assert lsbench("run", "--dataset", name, *options, "--jobs", "1")[0] == 0
    (row,) = (json.loads(path.read_text()) for path in tmp_path.glob("results/cells/*/*.json"))
    assert row["passport"]["changed"] == pytest.approx(1 / 48)


def test_what_is_wrong_with_a_table_is_exit_code_2_before_any_training(lsbench, table, tmp_path):
    code, out, err = lsbench("run", "--dataset", table, *RUN)
    assert (code, out) == (2, "")
    assert "column 'person' of" in err
    assert "Traceback" not in err
    assert not (tmp_path / "results" / "cells").exists()
    code, _, err = lsbench("run", "--dataset", f"{table}:drop=person", "--groups", "who.csv", *RUN)
    assert code == 2
    assert "groups of ./flowers.csv are a column of it; write --groups COLUMN" in err
