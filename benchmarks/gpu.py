"""What lsbench does on a GPU: right, and how quick, in at most 13 minutes. `make gpu` runs it where there is one.

    python benchmarks/gpu.py [--out results/gpu] [--only NAME ...] [--dry]

The parts come in order of value, each in a process of its own with a limit. After each, gpu.json and gpu.md are written
again, so that whatever is cut off leaves what was done. --dry runs every part at tiny sizes on a CPU, with Triton
interpreted: its numbers mean nothing, its faults do. On a machine without the network, wheels to carry: orjson and
liger-kernel; what is missing is left out, and said.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).parent
LIMITS = {  # seconds
    "machine": 30,
    "agreement": 75,
    "tests": 75,
    "kernels": 90,  # most of it compiles
    "losses": 75,
    "graphs": 60,
    "throughput": 90,
    "profile": 45,
    "convolutions": 75,  # half of it compiles
    "resnet": 45,
    "command": 60,
    "survival": 60,
}
DRY_LIMIT = 300


def main() -> None:
    """Run the parts, and write what each gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/gpu"))
    parser.add_argument("--only", nargs="+", choices=list(LIMITS), default=list(LIMITS))
    parser.add_argument("--dry", action="store_true")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    done: list[dict] = []
    for name in asked.only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        done.append(run_part(name, dry=asked.dry))
        print(f"{name}: {done[-1]['ended']}, {done[-1]['seconds']:.1f} s", file=sys.stderr, flush=True)
        publish(done, asked.out)
    sys.exit(any(part["ended"] != "ok" for part in done))


def run_part(name: str, *, dry: bool) -> dict:
    """One part: its tables, how it ended, and the end of what it printed where that was not well."""
    start = perf_counter()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(HERE.parent)}
    if dry:
        environment |= {"TRITON_INTERPRET": "1", "CUDA_VISIBLE_DEVICES": ""}
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "tables.jsonl"
        line = [sys.executable, str(HERE / "gpu_parts.py"), name, str(kept), *(["--dry"] if dry else [])]
        try:
            limit = DRY_LIMIT if dry else LIMITS[name]
            ended = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=limit, check=False)
            how, said = "ok" if ended.returncode == 0 else f"exit code {ended.returncode}", ended.stdout + ended.stderr
        except subprocess.TimeoutExpired as error:
            how, said = "its time was over", "".join(map(text_of, (error.stdout, error.stderr)))
        tables = [json.loads(row) for row in kept.read_text().splitlines()] if kept.exists() else []
    failed = {} if how == "ok" else {"said": said[-4000:]}
    return {"part": name, "ended": how, "seconds": perf_counter() - start, "tables": tables, **failed}


def text_of(output: bytes | str | None) -> str:
    """What a process printed before its time was over."""
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""


def publish(done: list[dict], out: Path) -> None:
    """Write both files, whole or not at all."""
    about = {"python": platform.python_version(), "parts": done}
    for name, content in (("gpu.json", json.dumps(about, indent=1)), ("gpu.md", as_markdown(done))):
        partial = out / f".{name}"
        partial.write_text(content, encoding="utf-8")
        partial.replace(out / name)


def as_markdown(done: list[dict]) -> str:
    """A section per part, its tables, and what went wrong."""
    lines = ["# On a GPU", "", "<!-- made by: make gpu -->", ""]
    for part in done:
        lines += [f"## {part['part']}: {part['ended']}, {part['seconds']:.0f} s", ""]
        for table in part["tables"]:
            lines += [table["title"], "", *table_lines(table["rows"]), ""]
        if "said" in part:
            lines += ["```", *part["said"].splitlines()[-20:], "```", ""]
    return "\n".join(lines)


def table_lines(rows: list[dict]) -> list[str]:
    """The rows as a table, whose columns are in the order in which they come."""
    if not rows:
        return ["none"]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = ["| " + " | ".join(shown(row.get(name)) for name in columns) + " |" for row in rows]
    return [f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns), *cells]


def shown(value: object) -> str:
    """A number with four digits, anything else as text."""
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value).replace("|", "\\|")


if __name__ == "__main__":
    main()
