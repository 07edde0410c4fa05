"""`package.module:factory` and `./file.py:factory`: the user's own network."""

import copy
from collections.abc import Mapping
from hashlib import sha256

import numpy as np
import torch
from torch import Tensor, nn

from lsbench.data.features.frozen import Network, key_of
from lsbench.data.features.measure import checked_width
from lsbench.data.features.prepare import frozen
from lsbench.data.features.preprocessing import OPTIONS, preprocessing
from lsbench.errors import InputError, shown
from lsbench.names.calling import call_own, takes
from lsbench.names.encoding import to_bytes
from lsbench.names.reference import Reference, Value, load_own, source_hash

SEED = 0  # of weights that the factory draws


_networks: dict[tuple[str, str], Network] = {}  # of this process: it takes a while to make one


def own_network(reference: Reference) -> Network:
    """The module that the factory returns, or the module of that name; looked at once while its source stays.

    Its size, mean and sd are options of the name, else attributes of the module; so are resize and interpolation,
    which it need not have. Other options are the factory's keywords, and so are these where it has such parameters.
    The key covers the user's source and all weights. `InputError` as `find_network`.
    """
    code = source_hash(reference.name)
    if (asked := (str(reference), code)) not in _networks:
        _networks[asked] = _measured(reference, code)
    return _networks[asked]


def _measured(reference: Reference, code: str) -> Network:
    text = str(reference)
    module = _made(reference)
    values = {name: getattr(module, name, None) for name in OPTIONS} | _preprocessing_options(reference.options)
    how = preprocessing(text, values)
    weights = weights_digest(module)
    key = key_of(_what(reference), weights, code, how)

    def make() -> nn.Module:
        again = _made(reference)
        if weights_digest(again) != weights:
            raise InputError(f"the network {text} has other weights each time it is made; seed what it draws")
        return again

    return Network(text, key, checked_width(text, module, how), how, make)


def weights_digest(module: nn.Module) -> str:
    """64 hex digits of all parameters, buffers and other tensors and arrays of a module."""
    total = sha256()
    for path, part in module.named_modules():
        for name, value in sorted({**part._parameters, **part._buffers, **vars(part)}.items()):
            if isinstance(value, Tensor | np.ndarray):
                array = value.detach().cpu() if isinstance(value, Tensor) else torch.from_numpy(value)
                total.update(to_bytes(f"{path}.{name} {array.dtype} {tuple(array.shape)} "))
                total.update(array.contiguous().flatten().view(torch.uint8).numpy().data)
    return total.hexdigest()


def _made(reference: Reference) -> nn.Module:
    """The module, frozen; weights that it draws are the same each time."""
    given = load_own(reference.name)
    if isinstance(given, nn.Module):
        _require_no_keyword(reference)
        made = copy.deepcopy(given)
    elif callable(given):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            keywords = {word: v for word, v in reference.options.items() if word not in OPTIONS or takes(given, word)}
            made = call_own("the network", reference.name, given, keywords)
    else:
        made = given
    if not isinstance(made, nn.Module):
        raise InputError(f"{reference.name} must be or return an nn.Module for features, got {shown(made)}")
    return frozen(made)


def _require_no_keyword(reference: Reference) -> None:
    if others := [name for name in reference.options if name not in OPTIONS]:
        raise InputError(
            f"{reference.name} is a module and takes no option but {', '.join(OPTIONS)}; got {others[0]!r}"
        )


def _what(reference: Reference) -> str:
    """The object's name in its file and the factory's keywords: the same wherever the file is."""
    own = {name: value for name, value in reference.options.items() if name not in OPTIONS}
    return str(Reference(reference.name.rpartition(":")[2], own))


def _preprocessing_options(options: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in options.items() if name in OPTIONS}
