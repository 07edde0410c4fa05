"""Which kernel works, what is said where it can't, and that importing the room builds and imports nothing."""

import subprocess
import sys

import pytest
import torch

from lsbench.errors import InputError
from lsbench.kernels import aten, available, cpp, smoothed_cross_entropy
from lsbench.kernels.choose import choose
from lsbench.kernels.selftest import works
from tests.kernels.kernel_cases import batch

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def no_choice_made(monkeypatch):
    monkeypatch.delenv("LSBENCH_KERNEL", raising=False)
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)


@pytest.fixture
def no_compiler(monkeypatch):
    cpp.build.cache_clear()
    monkeypatch.setenv("CXX", "no-such-compiler")


def test_a_cpu_works_with_torch_operations_unless_told_otherwise():
    assert choose(CPU) == "aten"


def test_cuda_works_with_triton_where_it_is_installed_and_works(monkeypatch):
    cuda = torch.device("cuda", 0)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr("lsbench.kernels.choose.works", lambda module, device: True)
    assert choose(cuda) == "triton"
    monkeypatch.setattr("lsbench.kernels.choose.works", lambda module, device: False)
    assert choose(cuda) == "aten"
    assert choose(cuda, "triton") == "triton"
    monkeypatch.setattr("lsbench.kernels.choose.works", lambda module, device: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert choose(cuda) == "aten"


def test_a_kernel_that_is_right_passes_its_self_test():
    assert works.__wrapped__("lsbench.kernels.aten", CPU)


@pytest.mark.parametrize(
    ("forward", "reason"),
    [
        (lambda rows, wanted: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda rows, wanted: tuple(part + 1e-3 for part in aten.forward(rows, wanted)), "its results are wrong"),
        (lambda rows, wanted: (aten.forward(rows, wanted)[0], torch.zeros(3, 7)), "its results are wrong"),
    ],
    ids=["raises", "off", "no gradient"],
)
def test_a_kernel_that_is_not_is_left_alone_with_a_warning(monkeypatch, forward, reason):
    monkeypatch.setattr(cpp, "forward", forward)
    with pytest.warns(RuntimeWarning, match=f"lsbench.kernels.cpp is not used on cpu: {reason}"):
        assert not works.__wrapped__("lsbench.kernels.cpp", CPU)


def test_the_environment_forces_a_kernel_and_the_caller_has_the_last_word(monkeypatch):
    monkeypatch.setenv("LSBENCH_KERNEL", "aten")
    assert choose(torch.device("cuda")) == "aten"
    monkeypatch.setenv("LSBENCH_KERNEL", "nonsense")
    assert choose(CPU, "aten") == "aten"


def test_a_kernel_that_the_environment_names_wrongly_is_refused_by_the_operation(monkeypatch):
    monkeypatch.setenv("LSBENCH_KERNEL", "cuda")
    with pytest.raises(InputError, match=r"LSBENCH_KERNEL must be one of aten, cpp, triton; got 'cuda'"):
        smoothed_cross_entropy(*batch())


def test_triton_on_a_cpu_is_refused_with_what_there_is():
    with pytest.raises(InputError, match=r"'triton' .* runs on CUDA, and the logits are on cpu.*There is.*: aten"):
        smoothed_cross_entropy(*batch(), backend="triton")


def test_triton_that_is_not_installed_is_refused(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="needs triton: pip install triton"):
        choose(torch.device("cuda"), "triton")


def test_cpp_on_cuda_is_refused():
    with pytest.raises(InputError, match="runs on a CPU, and the logits are on cuda"):
        choose(torch.device("cuda"), "cpp")


def test_cpp_without_a_compiler_is_refused_with_what_to_install_and_what_there_is(no_compiler, monkeypatch):
    monkeypatch.setenv("LSBENCH_KERNEL", "cpp")
    with pytest.raises(InputError, match=r"'no-such-compiler' is not on the PATH; install g\+\+.*There is.*: aten$"):
        smoothed_cross_entropy(*batch())
    assert available() == ["aten"]


def test_cpp_that_does_not_compile_is_refused_with_what_the_compiler_says(monkeypatch, tmp_path):
    if reason := cpp.why_not():
        pytest.skip(f"cpp {reason}")
    cpp.build.cache_clear()
    (tmp_path / "kernel.cpp").write_text("this is no C++")
    monkeypatch.setattr(cpp, "SOURCE", tmp_path / "kernel.cpp")
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    with pytest.raises(
        InputError, match=r"could not be built; LSBENCH_KERNEL=aten needs no compiler(.|\n)*kernel\.cpp"
    ):
        cpp.build()


def test_a_lock_that_a_killed_builder_left_does_not_stop_the_next(tmp_path):
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "lock").touch()
    with cpp._alone_in(folder):
        assert not (folder / "lock").exists()


def test_importing_the_room_needs_nothing_but_torch():
    code = (
        "import sys, lsbench.kernels as kernels, torch\n"
        "z, y = torch.zeros(2, 3, requires_grad=True), torch.tensor([0, 1])\n"
        "kernels.smoothed_cross_entropy(z, y, reduction='mean', backend='aten').backward()\n"
        "unwanted = ('triton', 'torch.utils.cpp_extension', 'setuptools', 'pandas')\n"
        "print([name for name in unwanted if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
