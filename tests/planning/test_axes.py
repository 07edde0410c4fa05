"""Every field of a recipe, and every hyperparameter of a loss, may have several values."""

from dataclasses import asdict

import pytest

from lsbench.api import compare
from lsbench.cli.options import RunOptions
from lsbench.cli.sbatch import sbatch_script
from lsbench.errors import InputError
from lsbench.names.catalogue import LOSSES
from lsbench.planning import plan
from lsbench.planning.axes import may_be_several
from lsbench.planning.estimate import estimate_work
from lsbench.planning.hyper_axes import hyper_axes, with_hyper
from lsbench.planning.results_folder import study_files
from lsbench.planning.stacks import work_left
from lsbench.planning.study import read_study, study_of, write_study
from lsbench.spec import RECIPE_SETTINGS, Grid
from tests.in_turn import in_turn

SMALL = {"dataset": ["blobs"], "model": ["linear"], "loss": ["ce"], "seeds": ["1"]}
TWO = {  # of each field that may have several values: two
    "optimizer": "sgd,adam",
    "lr": "0.01,0.1",
    "momentum": "0,0.9",
    "weight_decay": "0,0.001",
    "batch_size": "32,64",
    "epochs": "1:2:1",
    "schedule": "constant,cosine",
    "precision": "highest,high",
    "clip": "1,2",
    "mixup": "0.1,0.2",
    "ema": "0.9,0.99",
    "head_epochs": "0,1",
    "body_scale": "0.1,1",
    "class_weights": "none,balanced",
    "sampler": "shuffle,balanced",
}


def cells_of(**options):
    return plan.expand(RunOptions(**{**SMALL, **options}).grid())


def ids(cells):
    return [cell.id for cell in cells]


def test_two_values_are_listed_here_of_every_field_that_may_have_several():
    assert TWO.keys() == {name for name in RECIPE_SETTINGS if may_be_several(name)}
    assert RECIPE_SETTINGS.keys() - TWO.keys() == {"augment"}


@in_turn("name", TWO)
def test_two_values_of_a_field_are_two_recipes_with_the_ids_that_each_has_alone(name):
    both = cells_of(**{name: [TWO[name]]})
    values = [getattr(cell.recipe, name) for cell in both]
    assert len(set(values)) == len(both) == 2
    assert ids(both) == [id_ for value in values for id_ in ids(cells_of(**{name: [str(value)]}))]


def test_recipes_are_the_product_of_their_fields_and_each_is_trained_once():
    cells = cells_of(lr=["0.1,0.01", "0.10"], batch_size=["32", "64"])
    assert [(c.recipe.lr, c.recipe.batch_size) for c in cells] == [(0.1, 32), (0.1, 64), (0.01, 32), (0.01, 64)]


def test_each_optimizer_of_several_has_its_own_learning_rate():
    assert [(c.recipe.optimizer, c.recipe.lr) for c in cells_of(optimizer=["sgd,adam"])] == [
        ("sgd", 0.02),
        ("adam", 0.001),
    ]


def test_values_of_a_hyperparameter_are_the_losses_that_would_be_written_out():
    asked = {"loss": ["ce,gce,sce"], "hyper": ["gce.q=0.5,0.7", "sce.beta=1:2:1", "sce.alpha=0.1"]}
    losses = "ce,gce:q=0.5,gce:q=0.7,sce:beta=1:alpha=0.1,sce:beta=2:alpha=0.1"
    assert ids(cells_of(**asked)) == ids(cells_of(loss=[losses]))


def test_a_loss_written_with_a_hyperparameter_of_its_own_keeps_it():
    assert with_hyper(("gce:q=0.3", "gce"), {("gce", "q"): (0.5,)}) == ("gce:q=0.3", "gce:q=0.5")


def test_the_eps_of_one_loss_may_differ_from_that_of_the_others():
    cells = cells_of(loss=["lsr,fused"], eps=["0.1"], hyper=["lsr.eps=0.2,0.3"])
    assert [(cell.loss, cell.eps) for cell in cells] == [("lsr", 0.2), ("lsr", 0.3), ("fused", 0.1)]


def test_the_point_before_a_hyperparameter_is_the_last_one():
    assert hyper_axes("--hyper", "./my.py:f.cap=2") == {("./my.py:f", "cap"): (2.0,)}


@in_turn(
    ("options", "reason"),
    [
        ({"lr": ["fast"]}, "--lr takes finite numbers"),
        ({"lr": ["0.1,-1"]}, "learning rate must be .* got -1"),
        ({"lr": [","]}, "--lr is empty"),
        ({"epochs": ["1,2.5"]}, "--epochs takes whole numbers, got 2.5"),
        ({"optimizer": ["sgd,adamm"]}, "optimizer must be one of .* got 'adamm'"),
        ({"hyper": ["gce.q"]}, "--hyper takes LOSS.NAME=VALUES"),
        ({"hyper": ["gce.q=0.5,sce.beta=1"]}, "repeat --hyper for another"),
        ({"hyper": ["gce.q=half"]}, "--hyper gce.q takes finite numbers"),
        ({"hyper": ["gce.q=7"]}, r"q of gce must be .* in \[0, 1\], got 7"),
        ({"hyper": ["gce.p=0.5"]}, "unknown hyperparameter of gce 'p'; known: q"),
        ({"hyper": ["gce.q=0.5", "gce.q=0.7"]}, "--hyper gce.q is given twice"),
        ({"hyper": ["sce.beta=1"]}, "--hyper sce.beta has no effect: the losses are ce, gce; add sce"),
        ({"loss": ["gce:q=0.1"], "hyper": ["gce.q=0.5"]}, "has no effect: gce has its own q"),
        ({"optimizer": ["adagrad"], "momentum": ["0.5"]}, "--momentum has no effect"),
        ({"lr": ["0.1:9999:1"], "batch_size": ["1:9999:1"]}, "the most is 1,000,000"),
    ],
)
def test_values_that_make_no_sense_are_an_error_before_anything_is_trained(options, reason):
    def check():
        typed = RunOptions(**{**SMALL, "loss": ["ce", "gce"], **options})
        typed.require_effect()
        plan.check(typed.grid())

    with pytest.raises(InputError, match=reason):
        check()


def test_a_study_file_holds_them_and_gives_the_same_cells(tmp_path):
    asked = RunOptions(**{**SMALL, "loss": ["ce,gce"]}, lr=["0.01,0.1"], epochs=["2"], hyper=["gce.q=0.5,0.7"])
    written, typed = tmp_path / "written.toml", tmp_path / "typed.toml"
    written.write_text(write_study(asked.to_study()))
    typed.write_text(
        'dataset = "blobs"\nmodel = "linear"\nloss = ["ce", "gce"]\nseeds = 1\nlr = [0.01, 0.1]\nepochs = 2\n'
        'hyper = ["gce.q=0.5,0.7"]\n'
    )
    for path in (written, typed):
        assert ids(plan.expand(RunOptions(study=path).with_study.grid())) == ids(plan.expand(asked.grid()))


def test_a_hyperparameter_of_a_study_file_is_not_used_where_its_loss_was_replaced_on_the_command_line(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('loss = ["ce", "gce"]\nhyper = ["gce.q=0.5,0.7"]\n')
    options = RunOptions(study=path, loss=["ce"])
    options.require_effect()
    assert options.with_study.grid().losses == ("ce",)


def test_the_studies_kept_beside_the_rows_are_one_per_recipe_and_give_the_same_cells_again(tmp_path):
    checked = plan.check(RunOptions(**SMALL, optimizer=["sgd,adam"], lr=["0.01,0.1"]).grid())
    again = []
    for content in study_files(checked, tmp_path).values():
        (path := tmp_path / "one.toml").write_bytes(content)
        again += plan.expand(RunOptions(study=path).with_study.grid())
    assert ids(again) == ids(checked.cells())
    assert len(again) == 4


def test_a_slurm_script_asks_for_all_of_them(tmp_path):
    path = tmp_path / "study.toml"
    grid = Grid(datasets=("blobs",), models=("linear",), recipe={"lr": (0.01, 0.1), "schedule": ("step", "cosine")})
    path.write_text(write_study(study_of(grid)))
    options = RunOptions(study=path).with_study
    cost = estimate_work(work_left(plan.expand(options.grid()), []), [], None, 1)
    script = sbatch_script(options, cost, 1)
    assert "--lr 0.01,0.1, --schedule step --schedule cosine" in script


def test_compare_takes_several_values_and_tells_them_apart():
    table = compare(
        data="blobs",
        model="linear",
        losses=["ce", "gce"],
        hyper={"gce.q": [0.5, 0.7]},
        recipe={"lr": [0.02, 0.2], "epochs": 1},
        seeds=1,
        train_size=100,
    )
    assert table[["recipe.lr", "loss", "q"]].fillna(0).values.tolist() == [
        [lr, *arm] for lr in (0.02, 0.2) for arm in (["ce", 0], ["gce", 0.5], ["gce", 0.7])
    ]
    for wrong in ({"gce.q": []}, {"q": 1}, {"gce.q": "half"}, {"sce.beta": 1}):
        with pytest.raises(InputError, match=r"hyper|must be a number"):
            compare(data="blobs", losses=["ce", "gce"], hyper=wrong)


def test_a_grid_of_one_value_each_is_written_as_before(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text("lr = [0.1]\n")
    assert RunOptions(study=path).with_study.grid() == Grid(recipe={"lr": 0.1})
    assert read_study(path, ["lr"]) == {"lr": (0.1,)}
    assert asdict(Grid())["recipe"] == {}


def test_what_is_tuned_has_a_small_range_around_its_own_value_with_the_ids_of_its_values():
    assert ids(cells_of(tune=["lr"])) == ids(cells_of(lr=["0.002,0.02,0.2"]))  # the recipe's is 0.02
    assert ids(cells_of(tune=["lr"], optimizer=["adam"], train_size=300)) == ids(
        cells_of(lr=["0.0001,0.001,0.01"], optimizer=["adam"], train_size=300)
    )
    assert ids(cells_of(tune=["eps,batch-size"], loss=["ce,lsr"])) == ids(
        cells_of(eps=["0.05,0.1,0.2"], batch_size=["32,64,128"], loss=["ce,lsr"])
    )
    assert [c.recipe.weight_decay for c in cells_of(tune=["weight-decay"])] == [0.0, 1e-4, 1e-3]
    assert [c.recipe.weight_decay for c in cells_of(tune=["weight-decay"], weight_decay=["0.01"])] == [1e-3, 0.01, 0.1]


def test_what_is_tuned_is_kept_in_a_study_file_and_is_not_a_list_already(tmp_path):
    asked, path = RunOptions(**SMALL, tune=["lr"]), tmp_path / "study.toml"
    path.write_text(write_study(asked.to_study()))
    assert 'tune = ["lr"]' in path.read_text()
    assert ids(plan.expand(RunOptions(study=path).with_study.grid())) == ids(plan.expand(asked.grid()))
    assert len(study_files(plan.check(asked.grid()), tmp_path)) == 3
    with pytest.raises(InputError, match="--tune lr makes a range around one value, and --lr has several"):
        cells_of(tune=["lr"], lr=["0.1,0.2"])
    with pytest.raises(InputError, match=r"lr, weight_decay, batch_size, eps, or .* \(gce.q\); got 'q'"):
        cells_of(tune=["q"])


def test_a_hyperparameter_of_a_loss_is_tuned_over_the_range_of_the_catalogue(tmp_path):
    asked = {"loss": ["ce,gce,nce-rce"], "train_size": 300}
    assert ids(cells_of(tune=["gce.q"], **asked)) == ids(cells_of(hyper=["gce.q=0.5,0.7,0.9"], **asked))
    both = cells_of(tune=["nce-rce.alpha,nce-rce.beta,lr"], **asked)
    assert len(both) == (1 + 1 + 9) * 3
    options = RunOptions(**{**SMALL, "loss": ["gce"]}, tune=["gce.q"])
    kept = next(iter(study_files(plan.check(options.grid()), tmp_path).values())).decode()
    assert all(text in kept for text in ("gce:q=0.5", "gce:q=0.7", "gce:q=0.9"))
    assert "tune" not in kept


@pytest.mark.parametrize(
    ("tune", "losses", "said"),
    [
        ("gce.q", "ce", "--tune gce.q has no effect: the losses are ce; add gce to them"),
        ("gce.q", "gce:q=0.3", "--tune gce.q has no effect: gce has its own q"),
        ("sce.gamma", "sce", r"\(sce.alpha, sce.beta\); got 'sce.gamma'"),
        ("./mine.py:f.cap", "ce", "--hyper"),
    ],
)
def test_what_can_not_be_tuned_is_refused(tune, losses, said):
    with pytest.raises(InputError, match=said):
        cells_of(tune=[tune], loss=[losses])


def test_every_hyperparameter_of_the_catalogue_has_three_values_to_tune_one_of_them_its_own():
    for name, entry in LOSSES.items():
        assert set(entry.tuned) == set(entry.hyper) - {"eps", *entry.later}, name
        for word, values in entry.tuned.items():
            assert (len(set(values)), entry.hyper[word] in values) == (3, True)
            for value in values:
                entry.require(name, word, value)
