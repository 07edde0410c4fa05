"""The code blocks of a page as what they are: new files, edits of the package, lines to run.

A block says in its first line which file it is:

- `# lsbench/noise/nearest.py`: a new file, as it stands;
- `# lsbench/names/catalogue/noises.py, in NOISES`: an entry at the end of that table;
- `# lsbench/noise/inputs.py, at the end`: lines that follow the last one;
- `--- lsbench/workers/engines.py` (a `diff`): lines to replace, found by those that stay and those that go.

A file that lies in no folder (`# my_loss.py`) is the reader's own. A `python` block without such a line, and the lines
`$ lsbench ...` and `$ python FILE` of a `console` block, are run afterwards, in order.
"""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?:# |--- )([\w./-]+\.\w+)(?:, (?:in (\w+)|at the end()))?\n(.*)", re.DOTALL)
NO_COMPILER = "/nonexistent/c++"  # torch trains: the few steps of an example are fewer than compiling is worth
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PROMPTS = ("$ lsbench ", "$ python ")


class Edit(NamedTuple):
    """What a block does to a file of the repository."""

    path: str
    how: str  # "new", "diff", "end", or the name of the table that an entry is added to
    text: str


def blocks(page):
    """(language, text) of every fenced block of a page, or of the text of a section."""
    return FENCE.findall(page if isinstance(page, str) else page.read_text(encoding="utf-8"))


def section(page, anchor):
    """The text of the section that a link to #anchor leads to."""
    texts = page.read_text(encoding="utf-8").split("\n## ")[1:]
    (text,) = (text for text in texts if text.splitlines()[0].lower().replace(" ", "-") == anchor)
    return text


def edits(page):
    """Every block that names a file of the repository."""
    return [edit for edit in files(page) if "/" in edit.path]


def files(page):
    """Every block that names a file."""
    return [edit for language, text in blocks(page) if (edit := as_edit(language, text))]


def as_edit(language, text):
    """What a block does to the file that its first line names, or None."""
    if (match := FILE.match(text)) is None:
        return None
    path, table, at_end, content = match.groups()
    return Edit(path, "diff" if language == "diff" else "end" if at_end is not None else table or "new", content)


def steps(page):
    """What is to be done: ("file", name, text), ("python", source) or ("line", words)."""
    yield from (("file", own.path, own.text) for own in files(page) if "/" not in own.path)
    for language, text in blocks(page):
        if language == "python" and not FILE.match(text):
            yield "python", text
        if language == "console":
            yield from (("line", shlex.split(line[2:])) for line in text.splitlines() if line.startswith(PROMPTS))


def apply(edit, tree):
    """Make the edit in a copy of the repository; an `AssertionError` where it does not fit."""
    path = tree / edit.path
    assert path.exists() == (edit.how != "new"), f"{edit.path} is there already, or is not there yet"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if edit.how == "diff":
        after = patched(before, edit)
    else:
        after = before + edit.text if edit.how in ("new", "end") else entered(before, edit)
    path.write_text(after, encoding="utf-8")


def patched(text, edit):
    """The text with the lines of each hunk replaced; hunks are parted by a line `@@`."""
    for hunk in re.split(r"^@@.*\n", edit.text, flags=re.MULTILINE):
        lines = [line or " " for line in hunk.splitlines()]
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        if not lines:
            continue
        assert text.count(old) == 1, f"{edit.path} must hold these lines once:\n{old}"
        text = text.replace(old, new)
    return text


def entered(text, edit):
    """The text with an entry before the closing bracket of the table."""
    (table,) = (node.value for node in ast.parse(text).body if edit.how in names_of(node))
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: table.end_lineno - 1], edit.text, *lines[table.end_lineno - 1 :]])


def names_of(node):
    """What an assignment at a module's top assigns to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def copy_of_package(folder):
    """A copy of the package that may be edited, with what Python compiled: it looks whether a source is newer."""
    shutil.copytree(ROOT / "lsbench", folder / "lsbench")
    return folder


RUNNER = """
import json, os, runpy, sys, tempfile, traceback
from pathlib import Path

def run(names, kind, *what):
    if kind == "file":
        Path(what[0]).write_text(what[1])
    elif kind == "python":
        exec(compile(what[0], "<page>", "exec"), names)
    else:
        run_line(*what)

def run_line(words):
    sys.argv = words if words[0] == "lsbench" else words[1:]
    try:
        runpy.run_module("lsbench", run_name="__main__") if words[0] == "lsbench" else runpy.run_path(words[1])
    except SystemExit as end:
        assert not end.code, f"{words} ended with exit code {end.code}"

from lsbench.workers.engines import ENGINES
if "serial" in ENGINES:  # of docs/adding-a-worker-engine.md: it starts no process, which takes seconds
    ENGINES["local"] = ENGINES["serial"]
wrong = {}
for page, steps in json.load(sys.stdin).items():
    os.chdir(tempfile.mkdtemp())
    sys.path[0] = os.getcwd()
    names = {"__name__": "__main__"}  # the blocks of a page go on from each other
    try:
        for step in steps:
            run(names, *step)
    except BaseException:
        wrong[page] = traceback.format_exc()
print()
print(json.dumps(wrong))
"""


def run_steps(pages, tree):
    """{page: traceback} of the pages with a step that fails; all run in one process, with the copy's package."""
    wanted = json.dumps({page.stem: list(steps(page)) for page in pages})
    places = dict.fromkeys(("PYTHONPATH", "HOME", "TMPDIR"), str(tree))
    environment = {"PATH": "/usr/bin:/bin", "CXX": NO_COMPILER, **places, **ONE_THREAD}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER], input=wanted, capture_output=True, text=True, env=environment, cwd=tree
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
