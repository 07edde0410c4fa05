from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsbench.cli.options import RunOptions
from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.study import read_study, study_of, write_study
from lsbench.spec import Grid
from tests.simulations import tried

GRID = Grid(
    datasets=("blobs",),
    models=("linear", "mlp"),
    losses=("ce", "lsr"),
    eps=(0.1, -0.5),
    noises=("pairflip",),
    noise_rates=(0.0, 0.2),
    seeds=(7,),
    val=0.05,
    train_size=300,
    recipe={"epochs": 3, "lr": 0.5, "schedule": "cosine"},
)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def grid_from(path, **typed):
    return RunOptions(study=path, **typed).with_study.grid()


def test_a_grid_survives_its_study_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(write_study(study_of(GRID)))
    found, asked = asdict(grid_from(path)), asdict(GRID)
    assert dict(found.pop("recipe")) == dict(asked.pop("recipe"))
    assert found == asked


def test_options_on_the_command_line_win_over_the_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('loss = "ce"\nepochs = 3\nnoise = 0.2\nseeds = 2\nout = "there"\n')
    grid = grid_from(path, loss=["lsr"], epochs=5)
    assert (grid.losses, dict(grid.recipe), grid.noise_rates, grid.seeds) == (("lsr",), {"epochs": 5}, (0.2,), (0, 1))
    assert str(RunOptions(study=path).with_study.results) == "there"
    assert str(RunOptions().results) == "results"


def test_names_may_be_written_with_dashes(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('noise-kind = ["pairflip"]\nbatch-size = 8\n')
    assert grid_from(path).noises == ("pairflip",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("loss = ", "Invalid value"),
        ('los = "ce"', "did you mean loss"),
        ("eps = true", "takes text, a number"),
        ("eps = [[1]]", "takes text, a number"),
        ("[recipe]\nlr = 1", "recipe in a study file must be text"),
        ("no-dedupe = 1", "no_dedupe takes true or false"),
        ("[grid]\nlr = 1", "unknown option 'grid'"),
        ('eps = "two"', "--eps takes finite numbers"),
        ("eps = nan", "--eps takes finite numbers"),
        ("epochs = 2.5", "epochs must be a whole number, got 2.5"),
        ('lr = "fast"', "--lr takes finite numbers such as .*, got 'fast'"),
        ("optimizer = 3", "optimizer must be one of"),
        ("out = 3", "out in a study file must be text"),
        ("device = 0", "device in a study file must be text"),
        ("train-size = 3\ntrain_size = 4", "is given twice"),
        ("seeds = []", "--seeds is empty"),
        ("val = [0.1]", "val must be a number"),
    ],
)
def test_a_study_that_makes_no_sense_is_an_error_that_says_what(tmp_path, content, reason):
    path = tmp_path / "study.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=reason.replace("(", r"\(")):
        plan.expand(grid_from(path))


def test_a_missing_study_is_an_error_that_names_it(tmp_path):
    with pytest.raises(InputError, match=r"no study file .*nowhere\.toml; it is looked for from"):
        read_study(tmp_path / "nowhere.toml", ["loss"])


def test_a_folder_in_the_place_of_a_study_is_told_what_folders_are_given_with(tmp_path):
    with pytest.raises(InputError, match=r"is a folder; examples are given with --dataset .*, a folder for res"):
        read_study(tmp_path, ["loss"])


def test_a_study_without_smoothing_losses_has_no_eps_and_reads_back(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(write_study(RunOptions(loss=["ce"], out=Path("r9"), jobs="2", timeout=5.0).to_study()))
    asked = RunOptions(study=path)
    asked.require_effect()
    found = asked.with_study
    assert (found.grid().losses, found.out, found.jobs, found.timeout) == (("ce",), Path("r9"), "2", 5.0)
    assert "eps" not in path.read_text()


def test_only_an_eps_that_was_typed_is_an_error_where_no_loss_takes_it(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('loss = ["lsr"]\neps = [0.1]\n')
    RunOptions(study=path, loss=["ce"]).require_effect()
    with pytest.raises(InputError, match="--eps is for losses that smooth"):
        RunOptions(study=path, loss=["ce"], eps=["0.2"]).require_effect()


@tried()
@given(
    st.dictionaries(
        st.sampled_from(["loss", "out", "dataset"]), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
    )
)
def test_any_text_survives(tmp_path_factory, study):
    path = tmp_path_factory.mktemp("study") / "s.toml"
    path.write_text(write_study(study), encoding="utf-8")
    assert read_study(path, ["loss", "out", "dataset"]) == study


def test_a_study_keeps_that_equal_losses_are_trained_too(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('loss = ["ce", "sce:alpha=1:beta=0"]\nno_dedupe = true\n')
    grid = grid_from(path)
    assert not grid.dedupe
    assert study_of(grid)["no_dedupe"] is True
    path.write_text(write_study(study_of(grid)))
    assert grid_from(path) == replace(grid, val=0.1, models=("mlp",))
