"""Hundreds of bad command lines, study files and row files: exit code 2 or a named warning, and no training."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsbench.names.catalogue import DATASETS, LOSSES, MODELS, NOISES, OPTIMIZERS
from lsbench.planning import plan
from lsbench.planning.recipes import names as recipe_names
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import SCHEDULES, Grid
from tests.simulations import examples

MANY = examples(short=40, long=2000)

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: not text.startswith("-") and text.strip(" ,")
)
BAD_EPS = ["inf", "-inf", "nan", "two", "0:1", "1::2", "0:1e99999:1e-99999"]
BAD = {
    "--noise": st.one_of(st.floats(1.0001, 1e9).map(str), st.floats(-1e9, -0.0001).map(str), st.just("nan"), words),
    "--eps": st.one_of(
        st.floats(1.0001, 1e9).map(str),
        st.sampled_from(BAD_EPS),
    ),
    "--seeds": st.sampled_from(["0", "-3", "1.5", "nan", "1e9", "two", "-1,2", "99999999999,1", ","]),
    "--loss": words,
    "--model": words,
    "--dataset": words,
    "--noise-kind": words,
    "--optimizer": words,
    "--schedule": words,
    "--device": words,
    "--jobs": st.one_of(words, st.sampled_from(["0", "-1", "1.5", "9999"])),
    "--epochs": st.sampled_from(["0", "-1", "1.5", "many", "99999999999"]),
    "--batch-size": st.sampled_from(["0", "-1", "1.5", "x"]),
    "--lr": st.sampled_from(["0", "-1", "nan", "inf", "fast"]),
    "--momentum": st.sampled_from(["1", "-0.1", "nan", "x"]),
    "--weight-decay": st.sampled_from(["-1", "nan", "inf", "x"]),
    "--clip": st.sampled_from(["0", "-1", "nan", "x"]),
    "--val": st.sampled_from(["1", "-0.1", "nan", "0.95", "x"]),
    "--train-size": st.sampled_from(["0", "-1", "2.5", "x"]),
    "--timeout": st.sampled_from(["0", "-1", "nan", "x"]),
    "--rerun": words,
    "--recipe": words,
    "--augment": st.sampled_from(["crop", "flip-1", "crop-4,crop-4", "cutout--1", "x", "randaugment-2-99", "flip,,"]),
    "--mixup": st.sampled_from(["0", "-1", "nan", "x"]),
    "--ema": st.sampled_from(["0", "1", "nan", "x"]),
    "--head-epochs": st.sampled_from(["-1", "1.5", "x"]),
    "--body-scale": st.sampled_from(["-1", "nan", "x"]),
    "--metric": words,
}
KNOWN = {"--jobs": "auto 1 2 9 10", "--rerun": "failed all", "--device": "auto cpu cuda"}


def is_bad(option, value):
    good = KNOWN.get(option, "").split()
    listed = {"--loss": LOSSES, "--model": MODELS, "--dataset": DATASETS, "--noise-kind": NOISES}
    if option in listed:
        return not {word.strip() for word in value.split(",") if word.strip()} <= set(listed[option])
    if option == "--jobs" and value.isdecimal():
        return not 1 <= int(value) <= 1024
    if option == "--noise":
        return not value.replace(",", "").replace(" ", "").replace(":", "").isdecimal()
    return value not in (*good, *recipe_names(), *OPTIMIZERS, *SCHEDULES)


@pytest.fixture
def tiny(lsbench, tmp_path):
    def run(command, *arguments):
        code, out, err = lsbench(command, *arguments)
        assert "Traceback" not in err
        assert not list(tmp_path.rglob("cells/*/*.json"))
        return code, out, err

    return run


@MANY
@given(bad=st.sampled_from(sorted(BAD)).flatmap(lambda o: BAD[o].map(lambda v: (o, v))).filter(lambda p: is_bad(*p)))
def test_a_bad_option_is_exit_code_2_and_a_sentence(tiny, bad):
    code, out, err = tiny("run", "--dataset", "blobs", f"{bad[0]}={bad[1]}")
    assert (code, out) == (2, "")
    assert err.strip()


values = st.recursive(
    st.one_of(st.booleans(), st.integers(-(10**6), 10**6), st.floats(), words),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
options = st.sampled_from(
    ["loss", "eps", "noise", "seeds", "model", "val", "train_size", "epochs", "lr", "clip", "x", "out"]
)


def toml(value):
    if isinstance(value, float):
        return repr(value).replace("inf", "inf")
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, list) else f"[{', '.join(map(toml, value))}]"


@MANY
@given(study=st.dictionaries(options, values, min_size=1, max_size=4), torn=st.integers(0, 60), cut=st.booleans())
def test_any_study_file_is_planned_or_refused_in_a_sentence(tiny, tmp_path, study, torn, cut):
    path = tmp_path / "study.toml"
    text = "".join(f"{name} = {toml(value)}\n" for name, value in study.items())
    path.write_text(text[:torn] if cut else text, encoding="utf-8")
    code, _, err = tiny("plan", path, "--dataset", "blobs")
    assert code in (0, 2)
    assert code == 0 or err.startswith("lsbench: ")


CELL = plan.expand(Grid(datasets=("blobs",), losses=("lsr",), seeds=(0,)))[0]
ROW = Row(
    cell=CELL,
    status="ok",
    metrics={"accuracy": 0.5, "ece": 0.1},
    curves={"accuracy": [0.5]},
    noise_record={"realised": 0.2},
    stack=[CELL.id],
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


def places(value, path=()):
    """The path of every value inside a JSON document."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@MANY
@given(data=st.data())
def test_any_row_file_is_believed_whole_or_named_and_skipped(lsbench, tmp_path, data):
    path = store.write(ROW, tmp_path / "results")
    document = json.loads(path.read_text())
    kind = data.draw(st.sampled_from(["value", "bytes", "cut"]))
    if kind == "value":
        place = data.draw(st.sampled_from(list(places(document))))
        path.write_text(json.dumps(replaced(document, place, data.draw(json_values))))
    elif kind == "bytes":
        content, at = bytearray(path.read_bytes()), data.draw(st.integers(0, path.stat().st_size - 1))
        content[at : at + 3] = data.draw(st.binary(max_size=6))
        path.write_bytes(content)
    else:
        path.write_bytes(path.read_bytes()[: data.draw(st.integers(0, path.stat().st_size - 1))])
    code, out, err = lsbench(
        "report", "--format", data.draw(st.sampled_from(["table", "markdown", "latex", "csv", "json"]))
    )
    assert "Traceback" not in err
    assert (code == 0 and out) or (code == 4 and path.name in err)
    assert all(c.isprintable() or c == "\n" for c in out + err)
