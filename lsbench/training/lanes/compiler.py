"""The machine's C++ compiler: a network's source becomes a library, once per source, compiler and processor."""

import contextlib
import functools
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

HEADERS = Path(__file__).parent / "cpp"
CANDIDATES = ("c++", "g++", "clang++")
FLAGS = ("-std=c++17", "-O2", "-ffp-contract=fast", "-fno-math-errno", "-shared", "-fPIC", "-pthread")
HIDDEN = "-fvisibility=hidden"  # else the libraries of 8 and of 16 lanes share the constants of templates
LONGEST = 300  # seconds that a compiler may take
WIDEST = 16  # lanes


class NotBuilt(Exception):  # noqa: N818 - no error: torch trains instead
    """Why there is no library: no compiler, or what it said."""


def why_not() -> str:
    """What is missing to compile; "" if nothing is."""
    if compiler():
        return ""
    asked = os.environ.get("CXX")
    if asked:
        return f"CXX names {asked!r}, which is not on the PATH"
    return "there is no C++ compiler on the PATH; install g++, or set CXX"


def compiler() -> list[str]:
    """The command of the compiler, CXX if that is set; empty without one."""
    asked = shlex.split(os.environ.get("CXX", ""))
    commands = [asked] if asked else [[name] for name in CANDIDATES]
    return next((command for command in commands if shutil.which(command[0])), [])


def build(source: str, lanes: int) -> Path:
    """The library of a source; from the cache, where it was built before. `NotBuilt` says why it can't be."""
    command = compiler()
    if not command:
        raise NotBuilt(why_not())
    options = [*command, *FLAGS, HIDDEN, *native(tuple(command)), f"-DLANES={lanes}", *extra_flags()]
    content = "".join(path.read_text(encoding="utf-8") for path in sorted(HEADERS.glob("*.hpp")))
    key = hashlib.sha256(f"{source}{content}{options}{version(tuple(command))}{processor()}".encode()).hexdigest()
    library = folder() / f"{key[:24]}.so"
    with _alone(library):
        if not library.exists():
            _compile(source, options, library)
    return library


def _compile(source: str, options: list[str], library: Path) -> None:
    """Compile into a file of its own, which then takes the library's name, so that nobody loads a part of one."""
    with tempfile.TemporaryDirectory(dir=library.parent) as place:
        text, made = Path(place) / "network.cpp", Path(place) / "network.so"
        text.write_text(source, encoding="utf-8")
        command = [*options, "-I", str(HEADERS), str(text), "-o", str(made)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotBuilt(f"the compiler could not be run: {error}") from error
        if done.returncode:
            raise NotBuilt(f"{options[0]} could not compile it: {first_line(done.stderr)}")
        made.replace(library)


def first_line(text: str) -> str:
    """The first line that says what is wrong, else the first one."""
    lines = text.strip().splitlines() or ["no message"]
    return next((line for line in lines if "error" in line), lines[0])[:200]


def lanes() -> int:
    """How many cells fill the vectors of the code that is compiled here: 16 by AVX-512, 8 by two or one of others."""
    command = compiler()
    return _lanes((*command, *native(tuple(command)), *extra_flags())) if command else WIDEST


@functools.cache
def _lanes(command: tuple[str, ...]) -> int:
    done = _run((*command, "-x", "c++", "-dM", "-E", "-"))
    return WIDEST if done.returncode or "__AVX512VL__" in done.stdout else WIDEST // 2


def extra_flags() -> list[str]:
    """More options for the compiler: those of a sanitizer, or of fewer instructions (-march=haswell has AVX2 alone)."""
    return shlex.split(os.environ.get("LSBENCH_LANES_FLAGS", ""))


def folder() -> Path:
    """Where libraries are kept: LSBENCH_LANES_CACHE, or lsbench/lanes in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    own = Path(os.environ.get("LSBENCH_LANES_CACHE") or Path(cache) / "lsbench" / "lanes")
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotBuilt(f"its library can't be kept in {own}: {error}") from error
    return own


@functools.cache
def version(command: tuple[str, ...]) -> str:
    """What the compiler says of itself."""
    return _run((*command, "--version")).stdout


def _run(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """What the compiler prints of an empty program."""
    return subprocess.run(command, input="", capture_output=True, text=True, timeout=LONGEST, check=False)


@functools.cache
def native(command: tuple[str, ...]) -> list[str]:
    """The options that let the compiler use all instructions of this processor, where it has them.

    Apple's clang has another word for them. GCC tunes for Ice Lake: where it tunes for a Zen, it leaves out fused
    multiply-adds in long sums, and steps take 5 to 10 % longer. clang's steps would take longer with this.
    """
    processors = (option for option in ("-march=native", "-mcpu=native") if _accepts(command, option))
    is_clang = "clang" in version(command).lower()
    tuned = [option for option in ("-mtune=icelake-server",) if not is_clang and _accepts(command, option)]
    return [*[option for option in [next(processors, "")] if option], *tuned]


def _accepts(command: tuple[str, ...], option: str) -> bool:
    """Whether the compiler knows an option, and uses it: clang only warns of some that are GCC's."""
    return _run((*command, "-Werror", option, "-x", "c++", "-fsyntax-only", "-")).returncode == 0


def processor() -> str:
    """What decides which instructions there are."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            told = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    return "".join(sorted(set(told)))


@contextlib.contextmanager
def _alone(library: Path) -> Iterator[None]:
    """One builder at a time, for the others to find what it built."""
    with Path(f"{library}.lock").open("w") as held:
        with contextlib.suppress(ImportError):  # not on Windows
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
        yield
