"""The text of `load.py`, which loads an exported network with torch alone."""

from lsbench.names.catalogue import Link
from lsbench.training.exported.names import ABOUT, PROGRAM, WEIGHTS

START = '''"""{title}

    from load import CLASSES, probabilities

Needs torch alone. {expects}
{temperature}
"""

import json
from pathlib import Path

import torch
from torch import nn
{classes}
HERE = Path(__file__).parent
CLASSES = json.loads((HERE / "{about}").read_text(encoding="utf-8"))["classes"]
TYPES = {{"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}}


def tensors(content):
    """Name -> tensor, of the bytes of a .safetensors file: 8 bytes of length, a header in JSON, the numbers."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = {{name: of for name, of in json.loads(content[8:start]).items() if name != "__metadata__"}}
    return {{
        name: torch.frombuffer(
            bytearray(content[start + of["data_offsets"][0] : start + of["data_offsets"][1]]), dtype=TYPES[of["dtype"]]
        ).reshape(of["shape"])
        for name, of in header.items()
    }}


kept = tensors((HERE / "{weights}").read_bytes())
mean, sd, temperature = (kept.pop(name) for name in ("input.mean", "input.sd", "temperature"))
'''
PLAIN = """network = {expression}
network.load_state_dict({{name.removeprefix("network."): tensor for name, tensor in kept.items()}})
network.eval()
"""
AS_PROGRAM = """network = torch.export.load(HERE / "{program}").module()  # its weights are in it
"""
END = '''

@torch.inference_mode()
def probabilities(x):
    """(n, {num_classes}) float64: a probability of each of CLASSES.

    {expects}
    """
    logits = network((x.to(torch.float32) - mean) / sd).double()
    return ({logits} / temperature).softmax(-1)
'''
LINKS: dict[Link, str] = {"softmax": "logits", "sigmoid": "nn.functional.logsigmoid(logits).log_softmax(-1)"}


def loader(
    plain: tuple[str, str] | None, *, title: str, expects: str, temperature: str, num_classes: int, link: Link
) -> str:
    """The text of the file; plain: of `written`, None for a network that is read as a program of torch.export."""
    classes, expression = plain or ("", "")
    body = PLAIN.format(expression=expression) if plain else AS_PROGRAM.format(program=PROGRAM)
    start = START.format(
        title=_in_docstring(title),
        expects=_in_docstring(expects),
        temperature=_in_docstring(temperature),
        classes=classes,
        about=ABOUT,
        weights=WEIGHTS,
    )
    return start + body + END.format(expects=_in_docstring(expects), num_classes=num_classes, logits=LINKS[link])


def _in_docstring(text: str) -> str:
    r"""The text such that no name of a data set ends a docstring: \ and " are written out."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
