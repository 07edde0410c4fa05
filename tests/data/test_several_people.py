"""Several people's labels of each example: the majority, one person's, or all of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsbench.analysis.decide import decide
from lsbench.data.dataset import load
from lsbench.data.describe import describe
from lsbench.data.several_people import chances_of, read_votes
from lsbench.data.votes import Choice, disagreement_of
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.planning import plan
from lsbench.planning.plan import expand
from lsbench.planning.stacks import make_stacks
from lsbench.report import decision
from lsbench.spec import Grid, Place
from lsbench.training.soft_targets import SoftTargets, votes_of
from lsbench.training.stack import corrupt, run_stack
from tests.analysis.summary.handmade import a_row

PEOPLE = np.array([[0, 1, 1, 2], [2, -1, -1, -1], [0, 1, -1, 2], [1, 1, 0, 0]])


def rng():
    return np.random.default_rng(0)


def made(labels, how, n=20_000, form="annotators"):
    """How often each label is made of one row of people's labels."""
    votes = read_votes("labels", np.repeat(np.asarray(labels)[None], n, 0), Choice(form, how))
    return np.bincount(votes.labels(rng().random(n)), minlength=3) / n


def test_the_majority_is_what_most_said_and_ties_are_drawn_evenly():
    assert made([0, 1, 1, 2], "majority").tolist() == [0, 1, 0]
    assert made([2, -1, -1, -1], "majority").tolist() == [0, 0, 1]
    assert made([0, 1, -1, 2], "majority") == pytest.approx([1 / 3] * 3, abs=0.015)
    assert made([1, 1, 0, 0], "majority") == pytest.approx([1 / 2, 1 / 2, 0], abs=0.015)
    assert made([5, 9, 5], "majority", form="counts") == pytest.approx([0, 1, 0])
    assert made([7, 2, 7], "majority", form="counts") == pytest.approx([1 / 2, 0, 1 / 2], abs=0.015)


def test_one_draw_takes_each_person_equally_often():
    assert made([0, 1, 1, 2], "draw") == pytest.approx([1 / 4, 1 / 2, 1 / 4], abs=0.015)
    assert made([1, 0, 3], "draw", form="counts") == pytest.approx([1 / 4, 0, 3 / 4], abs=0.015)


def test_the_shares_and_the_disagreement_are_those_counted_by_hand():
    votes = read_votes("labels", PEOPLE, Choice("annotators", "soft"))
    shares = np.zeros((4, 3))
    for i, c in np.ndindex(PEOPLE.shape):
        shares[i, votes.values[i, c]] += votes.shares[i, c]
    assert shares == pytest.approx(np.array([[1 / 4, 1 / 2, 1 / 4], [0, 0, 1], [1 / 3] * 3, [1 / 2, 1 / 2, 0]]))
    by_hand = []
    for row in PEOPLE:
        said = row[row >= 0]
        pairs = [said[i] != said[j] for i in range(len(said)) for j in range(i)]
        by_hand += [np.mean(pairs)] if pairs else []
    numbers = disagreement_of(votes)
    assert (numbers["examples"], numbers["several"], numbers["labels_each"]) == (4, 3, 3.0)
    assert (numbers["disagree"], numbers["pairs"]) == pytest.approx((1.0, np.mean(by_hand)))
    counts = np.array([[(row == k).sum() for k in range(3)] for row in PEOPLE])
    assert disagreement_of(read_votes("labels", counts, Choice("counts", "soft"))) == pytest.approx(numbers)
    alone = disagreement_of(read_votes("labels", PEOPLE[:, :1], Choice("annotators", "draw")))
    assert (alone["several"], alone["disagree"]) == (0, None)


def test_a_missing_label_is_minus_one_nan_none_or_an_empty_text():
    expected = read_votes("labels", PEOPLE, Choice("annotators", "soft"))
    texts = np.array([[["cat", "dog", "owl"][k] if k >= 0 else "" for k in row] for row in PEOPLE])
    forms = {
        "nan": np.where(PEOPLE < 0, np.nan, PEOPLE),
        "objects": np.where(PEOPLE < 0, None, PEOPLE.astype(object)),
        "text": texts,
    }
    for name, array in forms.items():
        votes = read_votes("labels", array, Choice("annotators", "soft"))
        assert (votes.weights == expected.weights).all(), name
        said = votes.values[votes.weights > 0]
        assert len(np.unique(said)) == 3


@pytest.mark.parametrize(
    ("labels", "choice", "said"),
    [
        (PEOPLE[:, 0], ("annotators", "draw"), r"must be \(n, A\), a column per person"),
        (
            np.where(PEOPLE == 2, -1, PEOPLE),
            ("annotators", "draw"),
            "1 examples have no label of anybody, first number 1",
        ),
        (PEOPLE, ("counts", "draw"), "must count people"),
        (np.zeros((3, 4)), ("counts", "draw"), "3 examples have no label"),
        (PEOPLE + 0.5j, ("annotators", "draw"), "class numbers or names"),
    ],
)
def test_what_is_no_table_of_people_is_an_error(labels, choice, said):
    with pytest.raises((InputError, TypeError), match=said):
        read_votes("labels", labels, Choice(*choice))


# ---- soft targets


def test_the_expected_loss_is_that_of_soft_targets_for_every_loss():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 6, 4, generator=generator, dtype=torch.float64)
    votes = torch.rand(1, 6, 4, generator=generator, dtype=torch.float64)
    shares = votes / votes.sum(-1, keepdim=True)
    classes, index = torch.arange(4).expand(1, 6, 4), torch.arange(6)[None]
    expected = F.cross_entropy(logits[0], shares[0], reduction="none")
    plain = resolve.load_any("loss", "ce")
    ce = SoftTargets(lambda z, y, _: plain(z, y), classes, shares)
    assert ce(logits, index * 0, index)[0] == pytest.approx(expected)
    for name in ("lsr", "gce", "mae", "focal", "sce", "poly1"):
        loss = resolve.load_any("loss", name)
        each = torch.stack([loss(logits, torch.full((1, 6), k)) for k in range(4)], -1)
        soft = SoftTargets(lambda z, y, _, loss=loss: loss(z, y), classes, shares)
        assert soft(logits, index * 0, index) == pytest.approx((each * shares).sum(-1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """blobs with three people's labels: two who are right in 80 %, one in 60 % and often silent."""
    path, data, draws = tmp_path_factory.mktemp("people"), load("blobs"), rng()
    images, labels = data.images.numpy()[:600], data.labels.numpy()[:600]

    def person(right):
        wrong = draws.random(len(labels)) > right
        return np.where(wrong, draws.integers(10, size=len(labels)), labels)

    people = np.stack([person(0.8), person(0.8), np.where(draws.random(600) < 0.5, -1, person(0.6))], 1)
    np.savez(path / "people.npz", x_train=images[:500], y_train=people[:500], x_test=images[500:], y_test=labels[500:])
    np.savez(path / "plain.npz", x_train=images[:500], y_train=labels[:500], x_test=images[500:], y_test=labels[500:])
    np.save(path / "people.npy", people[:500])
    return path


SMALL = {"models": ("linear",), "losses": ("ce", "gce"), "recipe": {"epochs": 2}, "seeds": (0,)}


def rows_of(**changes):
    return [row for stack in make_stacks(expand(Grid(**{**SMALL, **changes}))) for row in run_stack(stack, Place())]


def test_an_npz_of_people_is_trained_on_each_way(folder):
    plain = load(str(folder / "plain.npz"))
    seen = {}
    for how in ("majority", "draw", "soft"):
        name = f"{folder}/people.npz:annotators={how}"
        data, people = load(name), np.load(folder / "people.npy")
        votes = read_votes("labels", people, Choice("annotators", how))
        assert data.labels.tolist() == votes.labels(chances_of("train", 500)).tolist()
        assert (data.soft is not None) == (how == "soft")
        assert data.test_labels.tolist() == plain.test_labels.tolist()
        row, _ = rows_of(datasets=(name,))
        assert row.status == "ok"
        assert row.data["annotators"] == disagreement_of(votes)
        assert "people disagree on" in row.data["notes"][-1]
        seen[how] = row
    assert len({row.cell.fingerprint for row in seen.values()}) >= 2
    assert seen["majority"].curves["train_loss"] != seen["soft"].curves["train_loss"]


def test_without_a_word_several_peoples_labels_are_refused_and_the_word_is_named(folder):
    with pytest.raises(InputError, match="annotators=majority"):
        describe(f"{folder}/people.npz")
    with pytest.raises(InputError, match="annotators must be one of majority, draw, soft"):
        describe(f"{folder}/people.npz:annotators=mean")
    with pytest.raises(InputError, match="unknown option of"):
        describe(f"{folder}/people.npz:annotator=draw")


def test_soft_targets_by_hand_are_what_a_cell_trains_on(folder, monkeypatch):
    """One epoch of plain torch on the shares, from the same initial weights and order, gives the same loss."""
    from lsbench.training import stack

    seen = []
    monkeypatch.setattr(
        stack, "with_soft_targets", lambda objective, people: seen.append((objective, people)) or objective
    )
    rows_of(datasets=(f"{folder}/people.npz:annotators=soft",), losses=("ce",))
    monkeypatch.undo()
    ((objective, people),) = seen
    soft = stack.with_soft_targets(objective, people)
    given = people.labels[..., 0]
    index = torch.arange(given.shape[1])[None]
    logits = torch.randn(1, given.shape[1], 10, generator=torch.Generator().manual_seed(1))
    shares = np.zeros((given.shape[1], 10))
    for i, row in enumerate(np.load(folder / "people.npy")):
        said = row[row >= 0]
        shares[i] = np.bincount(said, minlength=10) / len(said)
    expected = F.cross_entropy(logits[0], torch.from_numpy(shares).float(), reduction="none")
    assert soft(logits, given, index)[0] == pytest.approx(expected, abs=1e-5)


def test_people_as_noise_are_drawn_with_each_seed_and_soft_cells_share_a_stack_with_others(folder):
    plain = str(folder / "plain.npz")
    names = {how: f"human:{folder}/people.npy:annotators={how}" for how in ("majority", "draw", "soft")}
    votes = read_votes("labels", np.load(folder / "people.npy"), Choice("annotators", "draw"))
    cells = expand(
        Grid(**{**SMALL, "datasets": (plain,), "noises": (names["draw"],), "noise_rates": (1.0,), "seeds": (0, 1)})
    )
    drawn = [corrupt(load(plain), cell)[0].numpy() for cell in cells[::2]]
    assert (drawn[0] != drawn[1]).any()
    for labels in drawn:
        assert all(label in row for label, row in zip(labels, np.load(folder / "people.npy"), strict=True))
    rows = rows_of(datasets=(plain,), noises=tuple(names.values()), noise_rates=(0.0, 1.0))
    assert {row.status for row in rows} == {"ok"}
    assert len({row.cell.id for row in rows}) == 8
    assert {len(row.stack) for row in rows} == {8}
    clean = [row for row in rows if not row.cell.noise_rate]
    alone = rows_of(datasets=(plain,))
    for one, other in zip(clean, alone, strict=True):
        assert one.metrics["nll"] == pytest.approx(other.metrics["nll"], rel=1e-4)  # a soft mate changes nothing
    assert all(row.data["annotators"] == disagreement_of(votes) for row in rows if row.cell.noise_rate)
    assert all("annotators" not in row.data for row in clean)
    soft = next(row.cell for row in rows if row.cell.noise == names["soft"])
    assert votes_of(soft, load(plain), None).weights.tolist() == votes.weights.tolist()


def test_a_table_has_a_column_for_each_person_and_counts_are_another_form(folder, lsbench, tmp_path):
    people, plain = np.load(folder / "people.npy"), str(folder / "plain.npz")
    lines = [f"{i},{','.join('' if k < 0 else str(k) for k in row)}" for i, row in enumerate(people)]
    (tmp_path / "people.csv").write_text("\n".join(["number,label,label anna,label_3", *lines]))
    np.save(tmp_path / "counts.npy", np.stack([(people == k).sum(1) for k in range(10)], 1))
    run = ("run", "--dataset", plain, *("--model", "linear", "--loss", "ce", "--seeds", "1", "--epochs", "1"))
    cells = {}
    for name in ("people.csv:annotators=draw", "counts.npy:counts=draw"):
        code, _, err = lsbench(*run, "--noise-kind", f"human:{name}", "--jobs", "1")
        assert code == 0, err
        (cells[name],) = [
            corrupt(load(plain), cell)[0].numpy()
            for cell in plan.expand(
                Grid(
                    **{
                        **SMALL,
                        "losses": ("ce",),
                        "datasets": (plain,),
                        "noises": (f"human:{name}",),
                        "noise_rates": (1.0,),
                    }
                )
            )
        ]
    for labels in cells.values():
        assert all(label in row for label, row in zip(labels, people, strict=True))
    code, _, err = lsbench(*run, "--noise-kind", f"human:{folder}/people.npy")
    assert (code, "annotators=majority" in err) == (2, True)


def test_a_function_may_give_people_and_may_have_such_a_parameter_of_its_own(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(
        "import numpy as np\n"
        f"def people():\n    d = np.load({str(folder / 'people.npz')!r})\n"
        "    return d['x_train'], d['y_train'], d['x_test'], d['y_test']\n"
        f"def named(annotators=1):\n    d = np.load({str(folder / 'people.npz')!r})\n"
        "    return d['x_train'], d['y_train'][:, annotators], d['x_test'], d['y_test']\n"
    )
    expected = load(f"{folder}/people.npz:annotators=majority").labels
    assert torch.equal(load("./own.py:people:annotators=majority").labels, expected)
    assert load("./own.py:named:annotators=0").labels.tolist() == np.load(folder / "people.npy")[:, 0].tolist()


def test_what_needs_one_label_each_is_refused_before_training(folder):
    soft = f"{folder}/people.npz:annotators=soft"
    noise = f"human:{folder}/people.npy:annotators=soft"
    refused = (
        ({"datasets": (soft,), "noise_rates": (0.2,)}, "noise changes one label"),
        ({"datasets": (soft,), "recipe": {"mixup": 0.2}}, "mixup mixes one label"),
        ({"datasets": (soft,), "losses": ("elr",)}, "the loss elr needs one label"),
        ({"datasets": (soft,), "losses": ("forward",)}, "the loss forward needs one label"),
        ({"noises": (noise,), "noise_rates": (0.5,)}, "soft targets take all labels of the file"),
        ({"test_noise": noise, "test_noise_rate": 1.0}, "a test example has one label"),
    )
    for changes, said in refused:
        with pytest.raises(InputError, match=said):
            plan.check(Grid(**{**SMALL, "datasets": (str(folder / "plain.npz"),), **changes}))


def test_how_far_people_disagree_stands_in_the_verdict_and_its_json():
    numbers = disagreement_of(read_votes("labels", PEOPLE, Choice("annotators", "draw")))
    counts = {"classes": ["a", "b", "c"], "train": [1, 1, 1], "held_out": [1, 1, 1], "test": [5, 5, 5]}
    told = {"data": {**counts, "annotators": numbers}}
    rows = [
        a_row(loss, i, 0.9 - gap - i / 100, parts=told) for loss, gap in (("ce", 0.0), ("lsr", 0.1)) for i in range(3)
    ]
    (verdict,) = decide(rows)
    assert verdict.annotators == numbers
    assert decision.as_json(verdict)["annotators"] == numbers
    (paragraph,) = [text for text in decision.paragraphs(verdict) if "people who labelled" in text]
    assert "disagree on 100.0 % of the 3 examples that several labelled, two of them on 83.3 %" in paragraph
    (alone,) = decide([replace(row, data=counts) for row in rows])
    assert (alone.annotators, decision.as_json(alone)["annotators"]) == ({}, None)
