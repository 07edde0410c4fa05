"""The C++ kernel: built by the machine's compiler when it is asked for by name, and kept in torch's cache."""

import contextlib
import functools
import hashlib
import os
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lsbench.errors import InputError
from lsbench.kernels import formula
from lsbench.kernels.rows import Rows

SOURCE = Path(__file__).parent / "kernel.cpp"
FLAGS = {
    "AVX512": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw", "-mfma", "-mavx2", "-mf16c"],
    "AVX2": ["-mavx2", "-mfma", "-mf16c"],
}


def why_not() -> str:
    """What is missing to build it; empty if nothing is, or if it is built."""
    return "" if build.cache_info().currsize else _missing()


def _missing() -> str:
    compiler = os.environ.get("CXX", "c++")
    if shutil.which(compiler) is None:
        return f"needs a C++ compiler, and {compiler!r} is not on the PATH; install g++, or set CXX"
    if shutil.which("ninja") is None:
        return "needs ninja on the PATH: pip install ninja"
    if not Path(sysconfig.get_paths()["include"], "Python.h").exists():
        return "needs Python's C headers: install python3-dev"
    return ""


@functools.cache
def build() -> Any:
    """The compiled module; about a minute the first time, then from torch's cache. `InputError` if it can't be."""
    if reason := _missing():
        raise InputError(f"the kernel 'cpp' {reason}")
    from torch.utils import cpp_extension  # imports setuptools

    capability = torch.backends.cpu.get_cpu_capability()
    flavour = capability if capability in FLAGS else "DEFAULT"
    flags = ["-O3", "-fopenmp", "-fno-math-errno", f"-DCPU_CAPABILITY={flavour}", f"-DCPU_CAPABILITY_{flavour}"]
    flags += FLAGS.get(flavour, [])
    key = hashlib.sha256(f"{SOURCE.read_text()}{torch.__version__}{flags}".encode()).hexdigest()[:12]
    name = f"lsbench_{key}"
    folder = Path(os.environ.get("TORCH_EXTENSIONS_DIR") or cpp_extension.get_default_build_root(), name)
    try:
        with _alone_in(folder):
            built: Any = cpp_extension.load(
                name, [str(SOURCE)], extra_cflags=flags, extra_ldflags=["-fopenmp"], build_directory=str(folder)
            )
    except (RuntimeError, OSError, ImportError) as error:
        raise InputError(
            f"the kernel 'cpp' could not be built; LSBENCH_KERNEL=aten needs no compiler: {error}"
        ) from error
    built.differentiate_by(_gradient_by_formula)
    return built


def _gradient_by_formula(*fields: Any) -> Tensor:
    *rows, upstream = fields
    return formula.gradient(Rows(*rows), upstream)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One builder at a time, for the others to find what it built; a lock that a killed one left is no lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w") as held:
        with contextlib.suppress(ImportError):  # not on Windows
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
            (folder / "lock").unlink(missing_ok=True)  # torch's own, which it would wait for without end
        yield


def forward(rows: Rows, wanted: bool) -> tuple[Tensor, Tensor | None]:
    """Losses (N), and their gradient (N, K) in the logits' dtype where it is wanted."""
    return build().forward(*_fields(rows), wanted)


def losses(rows: Rows, total: bool) -> Tensor:
    """Losses (N) or their sum () as a node of autograd: `eager.Losses` without Python in it."""
    return build().losses(*_fields(rows), total)


def _fields(rows: Rows) -> tuple[Any, ...]:
    logits, labels, targets, eps, scale, weight, ignore_index, z_loss, _ = rows
    per_row = (eps, 0.0) if isinstance(eps, Tensor) else (None, eps)
    per_row += (scale, 0.0) if isinstance(scale, Tensor) else (None, scale)
    return logits, labels, targets, *per_row, weight, ignore_index, z_loss
