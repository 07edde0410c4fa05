"""What every child process of this package needs: its environment, an end with its parent, a reason when it dies."""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait

GPU_ERRORS = ("CUDA error", "CUDA driver error", "CUBLAS_STATUS", "CUDNN_STATUS", "cuDNN error", "device-side assert")
THREAD_COUNTS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_TOP_PAD_": str(2**26),
}


def exit_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ends."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def training_environment(threads: int) -> dict[str, str]:
    """What must be set before a child imports torch: OpenMP's threads, and glibc keeping freed memory for reuse.

    The allocator's part makes an mlp's step a fifth faster: every step frees and asks for the same few megabytes.
    """
    return {**dict.fromkeys(THREAD_COUNTS, str(threads)), **ALLOCATOR}


@contextmanager
def environment_set(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Run a block, which starts a child, with these environment variables; None takes one out."""
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def breaks_the_gpu(error: BaseException) -> bool:
    """Whether a process can't use its GPU any more after this error: every later call of CUDA gives it again.

    That is any error of CUDA, cuBLAS or cuDNN, such as an illegal address or a failed assertion, but not that memory
    has run out.
    """
    text = str(error)
    return "out of memory" not in text and any(word in text for word in GPU_ERRORS)


def cause_of_death(exit_code: int) -> str:
    """How a process ended, as the end of a sentence that begins with it; a negative exit code is a signal's number."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
