"""The scripts of the page on texts and sounds, with stand-ins for the encoders that have to be fetched."""

import sys
from types import SimpleNamespace

import numpy as np
import torch

from lsbench.data.describe import describe
from tests import pages
from tests.in_turn import in_turn

PAGE = pages.ROOT / "docs" / "embeddings.md"
STAND_INS = {
    "sentence_transformers": {
        "SentenceTransformer": lambda name: SimpleNamespace(
            encode=lambda texts, **_: np.array([[len(text), i] for i, text in enumerate(texts)], np.float32)
        )
    },
    "soundfile": {"read": lambda path, **_: (np.full((320, 2), len(path), np.float32), 8000)},
    "torchaudio": {
        "pipelines": SimpleNamespace(
            WAV2VEC2_BASE=SimpleNamespace(
                sample_rate=16000.0,
                get_model=lambda: SimpleNamespace(
                    eval=lambda: SimpleNamespace(extract_features=lambda wave: ([wave[:, :30].reshape(1, 5, 6)], None))
                ),
            )
        ),
        "functional": SimpleNamespace(resample=lambda wave, rate, new: wave + torch.arange(320) * new / rate),
    },
}
TABLES = {
    "texts": ("reviews", "text", 2),
    "sounds": ("sounds", "path", 6),
}


@in_turn("kind", TABLES)
def test_a_script_writes_a_data_set_that_is_read(kind, tmp_path, monkeypatch):
    name, column, width = TABLES[kind]
    monkeypatch.chdir(tmp_path)
    lines = "\n".join(f"{'a' * (i + 1)},{'good' if i % 2 else 'bad'}" for i in range(20))
    (tmp_path / f"{name}.csv").write_text(f"{column},label\n{lines}\n")
    for module, content in STAND_INS.items():
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(**content))
    (script,) = (file.text for file in pages.files(PAGE) if file.path == f"embed_{kind}.py")
    exec(compile(script, f"embed_{kind}.py", "exec"), {})
    data = describe(f"./{name}.npz")
    assert (data.shape, data.class_names, data.train_examples + data.test_examples) == ((width,), ("bad", "good"), 20)
