"""What decides a result is in its cell's id: the user's own modules, however the object comes by them."""

import importlib
import sys
from dataclasses import replace
from hashlib import sha256

import pytest

from lsbench import api
from lsbench.errors import InputError
from lsbench.names.digest import digest
from lsbench.names.executed import import_own
from lsbench.names.imports import own_imports, untraceable_calls
from lsbench.names.reference import keep_object, load_own, source_hash, sources_behind
from lsbench.planning import plan
from lsbench.spec import Grid

LOSS = "def f(z, y):\n    return -z.log_softmax(-1).gather(-1, y.unsqueeze(-1)).squeeze(-1) * {}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(tmp_path) in str(getattr(module, "__file__", "")):
            del sys.modules[name]


def write(folder, **files):
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


WAYS = {  # how mine.py comes by the number in deep.py, which it multiplies its loss by
    "import": {"mine": "import deep\n" + LOSS.format("deep.N")},
    "from": {"mine": "from deep import N\n" + LOSS.format("N")},
    "star": {"mine": "from deep import *\n" + LOSS.format("N")},
    "inside a function": {"mine": LOSS.format("number()") + "def number():\n    from deep import N\n    return N\n"},
    "import_module": {
        "mine": "from importlib import import_module as i\nimport importlib\n"
        + LOSS.format("importlib.import_module('deep').N")
    },
    "through another": {"mine": "import middle\n" + LOSS.format("middle.N"), "middle": "from deep import N\n"},
    "in a circle": {
        "mine": "import ring\n" + LOSS.format("ring.n()"),
        "ring": "import gnir\ndef n():\n    return gnir.N\n",
        "gnir": "import ring\nfrom deep import N\n",
    },
    "a package": {"mine": "from pack import N\n" + LOSS.format("N"), "pack__in____init__": "from deep import N\n"},
    "relative": {
        "mine": "from packed.part import N\n" + LOSS.format("N"),
        "packed__in____init__": "",
        "packed__in__part": "from .other import N\n",
        "packed__in__other": "from deep import N\n",
    },
    "a package's own code": {
        "mine": "import above.below\n" + LOSS.format("above.N"),
        "above__in____init__": "from deep import N\n",
        "above__in__below": "x = 1\n",
    },
    "by path": {
        "mine": "import importlib.util as u\ns = u.spec_from_file_location('d', 'deep.py')\n"
        "d = u.module_from_spec(s)\ns.loader.exec_module(d)\n" + LOSS.format("d.N")
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_an_edited_helper_makes_another_loss_which_is_what_runs(folder, way):
    import torch

    write(folder, **WAYS[way], deep="N = 2\n")
    z, y = torch.zeros(1, 2), torch.zeros(1, dtype=torch.int64)
    first, before = source_hash("./mine.py:f"), float(load_own("./mine.py:f")(z, y))
    assert source_hash("./mine.py:f") == first
    write(folder, deep="N = 3.0  # edited\n")
    assert source_hash("./mine.py:f") != first
    assert float(load_own("./mine.py:f")(z, y)) == pytest.approx(before * 1.5)
    write(folder, unrelated="x = 1\n")
    again = source_hash("./mine.py:f")
    write(folder, unrelated="x = 22\n")
    assert source_hash("./mine.py:f") == again


def test_what_imports_nothing_of_the_users_keeps_the_hash_of_its_file(folder):
    write(folder, alone="import math, torch\n" + LOSS.format("math.e"))
    assert source_hash("./alone.py:f") == sha256((folder / "alone.py").read_bytes()).hexdigest()[:16]

    given = importlib.import_module("alone").f
    assert source_hash(keep_object("loss", given)) == digest(given)


def test_a_model_and_a_noise_are_covered_as_a_loss_is(folder):
    write(
        folder,
        parts="WIDTH = 4\n",
        own="import parts\ndef model(shape, k):\n    return parts.WIDTH\ndef noise(*a):\n    pass\n",
    )
    asked = Grid(datasets=("blobs",), models=("./own.py:model",), noises=("./own.py:noise",), noise_rates=(0.2,))
    (first, *_) = plan.expand(replace(asked, seeds=(0,), losses=("ce",)))
    write(folder, parts="WIDTH = 400\n")
    (second, *_) = plan.expand(replace(asked, seeds=(0,), losses=("ce",)))
    assert [role for role, _ in first.sources] == ["model", "noise"]
    assert not set(first.sources) & set(second.sources)


SCRIPT = """
import helping
SCALE = 1
UNUSED = 1

def double(z):
    return z * SCALE

class Own:
    def __call__(self, z, y):
        return helping.g(double(z), y)

def loss(z, y):
    return helping.g(double(z), y)
"""


def test_an_object_of_the_process_is_known_by_what_its_module_imports_and_what_it_uses(folder):
    write(folder, script=SCRIPT, helping="def g(z, y):\n    return z\n")
    module = importlib.import_module("script")

    def hashes():
        return {source_hash(keep_object("loss", given)) for given in (module.loss, module.Own())}

    first = hashes()
    module.UNUSED = 2
    assert hashes() == first
    module.SCALE = 2
    second = hashes()
    assert not first & second
    module.SCALE = 1
    write(folder, helping="def g(z, y):\n    return 2 * z\n")
    importlib.reload(sys.modules["helping"])
    third = hashes()
    assert not third & {*first, *second}
    write(folder, script=SCRIPT.replace("z * SCALE", "SCALE * z + 0"))
    importlib.reload(module)
    assert not hashes() & {*first, *second, *third}


HOLDERS = {  # how a script may hold a number that its loss uses
    "namespace": "from types import SimpleNamespace\nC = SimpleNamespace(a={})\n",
    "own class": "class K:\n    def __init__(s, a):\n        s.a = a\nC = K({})\n",
    "partial": "from functools import partial\ndef g(a):\n    return a\nC = partial(g, a={})\n",
    "layers": "import torch\nC = torch.nn.Sequential(torch.nn.Dropout(0.{}))\n",
    "mixed": "import torch.nn.functional as F\nimport torch\nC = {{'f': F.relu, 'd': torch.float32, 'a': {}}}\n",
    "enum": "import enum\nclass E(enum.Enum):\n    A = {}\nC = E.A\n",
}


@pytest.mark.parametrize("way", HOLDERS)
def test_an_object_of_the_process_is_known_by_what_the_objects_that_it_uses_hold(folder, way):
    def made(number):
        write(folder, script_h=HOLDERS[way].format(number) + "def loss(z, y):\n    return C\n")
        sys.modules.pop("script_h", None)
        importlib.invalidate_caches()
        return source_hash(keep_object("loss", importlib.import_module("script_h").loss))

    first = made(1)
    assert made(25) != first
    assert made(1) == first


def test_a_helper_of_another_folder_that_has_the_same_name_is_never_taken(folder):
    for place, number in (("a", 1), ("b", 2)):
        write(folder, **{f"{place}__in__mine_n": LOSS.format("x.N").replace("def", "import twin as x\ndef")})
        write(folder, **{f"{place}__in__twin": f"N = {number}\n"})
    for _ in range(2):
        assert source_hash("./a/mine_n.py:f")
        with pytest.raises(InputError, match=r"b/mine_n\.py imports twin, and would get .*/a/twin\.py"):
            source_hash("./b/mine_n.py:f")


def test_a_module_that_was_edited_after_somebody_imported_it_is_refused_until_it_is_reloaded(folder):
    write(
        folder, stale="def g(z, y):\n    return z\n", user="import stale\ndef loss(z, y):\n    return stale.g(z, y)\n"
    )
    module = importlib.import_module("user")
    write(folder, stale="def g(z, y):\n    return z + 1\n")
    with pytest.raises(InputError, match=r"stale\.py was edited after it was imported"):
        keep_object("loss", module.loss)
    importlib.reload(sys.modules["stale"])
    assert keep_object("loss", module.loss)


def test_an_object_keeps_its_hash_while_it_runs_whatever_it_collects():
    seen = []

    def loss(z, y):
        seen.append(1)

    name = keep_object("loss", loss)
    before = source_hash(name)
    load_own(name)(0, 0)
    assert source_hash(name) == before


def test_a_comparison_in_a_folder_trains_again_after_a_helper_was_edited(folder):
    write(
        folder,
        mine_c="from helper_c import g as f\n__all__ = ['f']\n",
        helper_c="import deeper_c\n" + LOSS.format("deeper_c.N").replace("def f", "def g"),
    )
    asked = {"model": "linear", "data": "blobs", "losses": "./mine_c.py:f", "seeds": 1, "recipe": {"epochs": 1}}
    for number, rows in ((1, 1), (1, 1), (2.0, 2)):
        write(folder, deeper_c=f"N = {number}\n")
        api.compare(**asked, out=folder / "out")
        assert len(list(folder.rglob("cells/*/*.json"))) == rows


def test_nothing_installed_nor_of_python_is_the_users(folder):
    write(
        folder,
        heavy="import torch.nn.functional as F, numpy as np, json, lsbench.losses\nfrom torchvision import models\n",
    )
    module = import_own("./heavy.py")
    assert own_imports(module.__name__, folder / "heavy.py", "", (folder / "heavy.py").read_bytes()) == {}
    assert sources_behind("torch.nn:CrossEntropyLoss")[1] == {}


def test_a_source_that_can_not_be_parsed_or_found_hides_nothing_else(folder):
    lines = ["try:", "    import not_there, wrong", "except (ImportError, SyntaxError):", "    import fine"]
    write(folder, odd="\n".join([*lines, "def f(z, y):", "    return z", ""]), wrong="def (\n", fine="x = 1\n")
    assert set(sources_behind("./odd.py:f")[1]) == {"wrong", "fine"}


def test_what_is_read_or_named_only_when_it_runs_is_found_in_the_source():
    source = (
        b"import json, numpy as np\n"
        b"A = json.load(open('a.json'))\n"
        b"B = np.load('b.npy')\n"
        b"import_module(name)\n"
        b"import_module('x')\n"
    )
    assert [(one.line, one.text) for one in untraceable_calls(source)] == [
        (2, "json.load(open('a.json'))"),
        (2, "open('a.json')"),
        (3, "np.load('b.npy')"),
        (4, "import_module(name)"),
    ]
