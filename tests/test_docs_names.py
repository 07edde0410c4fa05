"""What README and docs name is there: files, modules, commands, options, targets of make."""

import importlib
import re
import warnings
from pathlib import Path

from lsbench.cli.commands import COMMANDS, loaded
from tests import pages
from tests.pages import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "results/README.md")),
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.stem not in ("changelog", "contributing")),
]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
QUOTED = re.compile("\"[^\"]*\"|'[^']*'")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MADE = re.findall(r"^/results/(\w+)/$", (ROOT / ".gitignore").read_text(encoding="utf-8"), re.MULTILINE)
OF_USERS = re.compile(f"results/({'|'.join(MADE)})")  # not the repository's
PATH = re.compile(r"(?<![\w./-])(?:lsbench|tests|docs|results|benchmarks|\.ci)/[\w./*-]*")
MADE_BY_EXAMPLES = {(page.name, edit.path) for page in PAGES for edit in pages.edits(page)}
GROUPS = {"lsbench.datasets"}  # of entry points, which are no modules


def prose(page):
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def spans():
    """(page, text) of what stands between single backticks, outside of blocks."""
    return [(page.name, text) for page in PAGES for text in SPAN.findall(prose(page))]


def lines():
    """(page, line) of all blocks, without the prompt."""
    blocks = ((page.name, block) for page in PAGES for block in FENCE.findall(page.read_text(encoding="utf-8")))
    return [(page, line.removeprefix("$ ")) for page, block in blocks for line in block.splitlines()[1:-1]]


def commands():
    """(page, words) of every `lsbench ...`, in a block or between backticks, without comments."""
    for page, text in (*lines(), *spans()):
        for part in re.split(r"&&|;|\||>", QUOTED.sub("TEXT", text)):
            if part.strip().startswith("lsbench "):
                yield page, part.split("#")[0].split()[1:]


def options_of(command):
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


KNOWN = {name: options_of(loaded(name)) | {"--help"} for name in COMMANDS}
EDITED = "\n".join(edit.text for page in PAGES for edit in pages.edits(page))
ADDED = {  # the commands and options that examples add
    *re.findall(r'"(\w+)": Known\(', EDITED),
    *(f"--{name.replace('_', '-')}" for name in re.findall(r"^\+ +(\w+): .*_setting\(", EDITED, re.MULTILINE)),
}


def test_a_link_leads_to_a_file():
    links = ((page, target.split("#")[0]) for page in PAGES for target in LINK.findall(prose(page)))
    assert not [(page.name, to) for page, to in links if to and "://" not in to and not (page.parent / to).exists()]


def test_a_page_of_the_site_links_to_pages_of_the_site():
    pages = [page for page in PAGES if page.parent.name == "docs"]
    targets = [(page.name, to) for page in pages for to in LINK.findall(prose(page)) if "://" not in to]
    assert not [(name, to) for name, to in targets if "/" in to.split("#")[0]]


def headings(page):
    """What a link to #heading says: small letters, no signs, - for a space."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_a_link_to_a_heading_leads_to_one():
    links = [(page, *target.split("#")) for page in PAGES for target in LINK.findall(prose(page)) if "#" in target]
    own = [(page, page.parent / path if path else page, heading) for page, path, heading in links if "://" not in path]
    assert own
    assert not [(page.name, heading) for page, to, heading in own if heading not in headings(to)]


def test_a_path_of_the_repository_is_there():
    paths = {(page, path) for page, text in (*spans(), *lines()) for path in PATH.findall(text)}
    own = {(page, path) for page, path in paths if not OF_USERS.match(path)} - MADE_BY_EXAMPLES
    assert not [(page, path) for page, path in own if not any(ROOT.glob(path.rstrip("/.") or "."))]


def test_the_files_on_the_ways_through_the_package_are_there():
    """In a block of the page a name without a folder is beside the one before it."""
    folder = ROOT / "lsbench"
    for block in FENCE.findall((ROOT / "docs/internals.md").read_text(encoding="utf-8"))[:2]:
        for name in re.findall(r"[\w/]+\.py", block):
            folder = (ROOT / "lsbench" / name).parent if "/" in name else folder
            assert (folder / Path(name).name).exists(), name


def test_a_module_and_what_it_holds_are_there():
    dotted = [(page, text) for page, text in spans() if re.fullmatch(r"lsbench(\.\w+)+(:\w+)?", text)]
    assert dotted
    warnings.simplefilter("ignore", DeprecationWarning)  # a page may say that a name is an old one
    assert not [(page, name) for page, name in dotted if name not in GROUPS and not is_there(name)]


def is_there(dotted):
    """Whether it is a module, or a name in one."""
    home, _, name = dotted.replace(":", ".").rpartition(".")
    place = ROOT / dotted.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").exists() or hasattr(importlib.import_module(home), name)


def test_a_command_and_its_options_are_there():
    for page, words in commands():
        if words and not words[0].startswith(("-", "...")) and words[0] not in ADDED:
            assert words[0] in KNOWN, (page, words)
            options = {word.split("=")[0] for word in words if word.startswith("--")}
            assert options <= KNOWN[words[0]] | ADDED, (page, words)


def test_an_option_by_itself_belongs_to_some_command():
    known = set().union(*KNOWN.values(), {"--version"})
    named = {
        (page, word) for page, text in spans() if text.startswith("--") for word in re.findall(r"--[a-z][\w-]*", text)
    }
    assert not [(page, option) for page, option in named if option not in known]


def test_a_target_of_make_is_there():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {(page, match[1]) for page, text in (*spans(), *lines()) if (match := re.match(r"make (\w+)", text))}
    assert not [(page, target) for page, target in named if target not in targets]


def test_what_a_results_folder_holds_is_described_and_kept_out_of_git():
    (block,) = re.findall(
        r"^results/\n(.*?)^```", (ROOT / "docs/internals.md").read_text(encoding="utf-8"), re.M | re.S
    )
    assert sorted(re.findall(r"^  (\w+)/", block, re.MULTILINE)) == sorted(MADE)
