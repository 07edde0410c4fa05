"""What is to be measured, and the names and shapes there are."""

from dataclasses import dataclass

from lsbench.errors import InputError, require_choice, require_number, require_whole
from lsbench.names.registry import lookup

TORCH = "torch"  # what the others are compared with
FORMS = {
    "ce": "F.cross_entropy, without smoothing",
    TORCH: "F.cross_entropy(label_smoothing=eps)",
    "torch-compiled": "the same through torch.compile",
    "lsr": "targets built in memory",
    "linear": "a mix of the label's loss and the mean loss",
    "reid": "a one-hot tensor mixed with the uniform one",
    "keras-cce": "as Keras does it",
    "liger": "LigerCrossEntropyLoss of liger_kernel",
    "ours-aten": "lsbench.kernels, in torch's operations",
    "ours-cpp": "lsbench.kernels, in C++",
    "ours-triton": "lsbench.kernels, in Triton",
}
DTYPES = {"float32": 4, "bfloat16": 2, "float16": 2}  # bytes of a logit
ON_A_CPU = ((128, 10), (512, 100), (1024, 1000), (256, 50257))
SHAPES: dict[str, tuple[tuple[int, int], ...]] = {
    "cpu": ON_A_CPU,
    "cuda": (*ON_A_CPU, (4096, 32000), (8192, 32000), (8192, 131072)),
}
MOST = 10**9  # rows, classes
MOST_THREADS = 1024


@dataclass(frozen=True, kw_only=True)
class SpeedOptions:
    """A study of some forms at some shapes; `InputError` for what makes no sense."""

    device: str = "cpu"  # cpu or cuda
    shapes: tuple[tuple[int, int], ...] = ON_A_CPU  # rows, classes
    forms: tuple[str, ...] = tuple(FORMS)
    dtypes: tuple[str, ...] = ("float32",)
    threads: int = 1
    eps: float = 0.1
    seconds: float = 3.0  # of timing, per shape and dtype; every form is called three times at least
    reuse_buffers: bool = False  # whether the allocator keeps large freed buffers for the next call

    def __post_init__(self) -> None:
        require_choice("--device", self.device, tuple(SHAPES))
        for rows, classes in self.shapes:
            require_whole("--shapes: the rows of a shape", rows, 1, MOST)
            require_whole("--shapes: the classes of a shape", classes, 2, MOST)
        for name in self.forms:
            lookup(FORMS, "form", name)
        for name in self.dtypes:
            lookup(DTYPES, "dtype", name)
        require_whole("--threads", self.threads, 1, MOST_THREADS)
        require_number("--eps", self.eps, 0.0, 1.0)
        require_number("--seconds", self.seconds, 0.001, 1e6)
        if self.reuse_buffers and self.device == "cuda":
            raise InputError("--reuse-buffers is for a CPU; on CUDA torch always reuses them: leave it out")
