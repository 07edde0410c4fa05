"""Where a result comes from: versions, hardware, the user's commit, the command line."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from lsbench.names.encoding import command_line
from lsbench.version import __version__


def collect() -> dict[str, Any]:
    """Plain values for a row; what is not available is None."""
    return {
        "lsbench": __version__,
        "torch": version("torch"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "git_commit": _git("rev-parse", "HEAD"),
        "git_dirty": _git_dirty(),
        "command": command_line(["lsbench", *sys.argv[1:]]),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "peak_memory_mb": peak_memory_mb(),
    }


def peak_memory_mb() -> float | None:
    """The most main memory this process has held, in MB (10^6 bytes)."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kB elsewhere
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


@lru_cache
def processor() -> str | None:
    """The CPU's own name and the number of cores this process may use."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), None)
    except OSError:
        name = platform.processor() or None
    return name and f"{name}, {usable_cores()} cores"


def usable_cores() -> int:
    """The cores this process may run on, which a container may limit."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _git_dirty() -> bool | None:
    status = _git("status", "--porcelain", "--untracked-files=no")  # results are often untracked
    return None if status is None else bool(status)


@lru_cache
def _git(*arguments: str) -> str | None:
    """What git prints in the user's folder, or None outside a repository or without git."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None  # it may name files
