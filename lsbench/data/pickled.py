"""Files of labels that are pickled, such as CIFAR-N's: never read, as that may run code; how to convert them."""

from pathlib import Path

from lsbench.errors import InputError

BY_TORCH = (".pt", ".pth")
BY_PYTHON = (".pkl", ".pickle")
CONVERTED = "labels.npz"


def refuse_pickled(name: str) -> None:
    """Raise an `InputError` that says how to convert it for the name of a pickled file; its bytes are not looked at."""
    suffix = Path(name).suffix.lower()
    if suffix in BY_TORCH:
        raise InputError(_text(name, f"import numpy, torch; labels = torch.load({name!r}, weights_only=False)"))
    if suffix in BY_PYTHON:
        raise InputError(
            _text(name, f"import numpy, pathlib, pickle; labels = pickle.loads(pathlib.Path({name!r}).read_bytes())")
        )


def pickled_array_text(name: str) -> str:
    """What to do with a .npy that holds pickled objects."""
    return _text(name, f"import numpy; labels = numpy.load({name!r}, allow_pickle=True).item()")


def _text(name: str, load: str) -> str:
    return (
        f"{name} is pickled, and may run any code as it is read, so it is not read here; if you trust it, convert it in"
        f" Python: {load}; numpy.savez({CONVERTED!r}, **labels)  and give {CONVERTED}:KEY, such as"
        f" --noise-kind human:{CONVERTED}:worse_label for CIFAR-N"
    )
