"""CIFAR-N's files of labels are pickled: they are never read, and how to convert them is said."""

import pickle

import numpy as np
import pytest

from lsbench.data.pickled import CONVERTED
from lsbench.errors import InputError
from lsbench.noise.files import read_labels

LABELS = {"clean_label": np.arange(10) % 3, "worse_label": (np.arange(10) + 1) % 3}


class Trap:
    """Unpickling it leaves a file behind."""

    def __reduce__(self):
        return open, ("run.txt", "w")


@pytest.mark.parametrize("name", ["human.npy", "human.pt", "human.pkl"])
def test_pickled_labels_are_refused_with_lines_that_convert_them(name, tmp_path, monkeypatch):
    import torch

    monkeypatch.chdir(tmp_path)
    if name.endswith(".npy"):
        np.save(name, np.array(LABELS, dtype=object))
    elif name.endswith(".pt"):
        torch.save(LABELS, name)
    else:
        (tmp_path / name).write_bytes(pickle.dumps(LABELS))
    with pytest.raises(InputError, match="may run any code as it is read, so it is not read here") as refused:
        read_labels(f"human:{name}", 10, 3)
    lines = str(refused.value).partition("in Python: ")[2].partition("  and give")[0]
    exec(lines, {})
    assert read_labels(f"human:{CONVERTED}:worse_label", 10, 3).tolist() == LABELS["worse_label"].tolist()


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("trap.npy", np.array(Trap(), dtype=object), allow_pickle=True)
    (tmp_path / "trap.pt").write_bytes(pickle.dumps(Trap()))
    for name in ("trap.npy", "trap.pt"):
        with pytest.raises(InputError, match="is pickled"):
            read_labels(f"human:{name}", 10, 3)
    assert not (tmp_path / "run.txt").exists()
