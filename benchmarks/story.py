"""The story of a user with doubtful photographs, from the first verdict to new photographs, beside the truth.

    python benchmarks/story.py LSBENCH_DATA results/story [FOLDER FOR THE ROWS]

LSBENCH_DATA has cifar10.npz, cifar10n.npz and lite0. 3,000 photographs of CIFAR-10 have labels that people gave, of
which a quarter are wrong, for training and for testing (photos.py). Each command is run as a user would type it; where
a person is asked, the published labels answer. Beside each step stands what the true labels say, which no command sees.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
from answers import truth_of
from blind_bars import points, table
from story_pictures import draw_differences, photograph

from lsbench.data.describe import describe
from lsbench.rows import store
from lsbench.rows.examples import read_examples

HERE = Path(__file__).resolve().parent
LOSSES = "ce,lsr,gce,sce,elr,forward,prune,prune:first=gce"
FEATURES = "./lite0.py:net"
LOOKS, TRAINING_LOOKS = "results/verify/verified.csv", "results/verify/verified-train.csv"
TAKEN = 400  # of the most suspicious training labels
PROSE = 110  # characters
NEW = 1000  # photographs of the test set, which no folder of the story has


class Story:
    """What was typed, what was said, and what was true, as the lines of a page."""

    def __init__(self, work: Path, data: Path) -> None:
        self.work = work
        self.environment = {**os.environ, "LITE0": str(data / "lite0"), "PYTHONPATH": os.pathsep.join(sys.path)}
        self.lines: list[str] = []

    def tell(self, *texts: str) -> None:
        """Paragraphs."""
        for text in texts:
            self.lines += [text, ""]

    def type(self, line: str, *, keep: int = 0) -> str:
        """Run a command; the page has it, and the first lines of what it said."""
        words = line.split()
        program = [sys.executable, "-m", "lsbench"] if words[0] == "lsbench" else [sys.executable, str(HERE / words[1])]
        words = words[1:] if words[0] == "lsbench" else words[2:]
        ended = subprocess.run(
            [*program, *words], cwd=self.work, env=self.environment, capture_output=True, text=True, check=False
        )
        if ended.returncode not in (0, 3):
            sys.exit(f"{line}: exit code {ended.returncode}\n{ended.stderr[-3000:]}")
        said = ended.stdout or "\n".join(line for line in ended.stderr.splitlines() if " left" not in line)
        self.lines += [
            "```",
            f"$ {line}",
            *(part for each in said.splitlines()[:keep] for part in wrapped(each)),
            "```",
            "",
        ]
        return said


def wrapped(line: str) -> list[str]:
    """Prose in lines of a page's width; the lines of tables, and empty ones, as they are."""
    is_prose = "  " not in line.strip() and len(line) > PROSE
    return textwrap.wrap(line, PROSE, break_long_words=False, break_on_hyphens=False) if is_prose else [line]


def main(data: Path, out: Path, rows: Path | None = None) -> None:
    """Write the page and its pictures."""
    work = rows or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    story = Story(work, data)
    if not (work / "photos").exists():
        line = ["photos.py", data / "cifar10.npz", work / "photos", data / "cifar10n.npz", work / "truth.csv"]
        subprocess.run([sys.executable, *map(str, [HERE / line[0], *line[1:]])], check=True, env=story.environment)
        shutil.copy(HERE / "lite0.py", work)
    write_new(data / "cifar10.npz", work / "new_photos")
    os.chdir(work)
    tell_story(story, Truth())
    out.mkdir(parents=True, exist_ok=True)
    draw_pictures(story, Truth(), out)
    (out / "README.md").write_text("\n".join(story.lines), encoding="utf-8")


class Truth:
    """What the true labels say of rows, of suspicious labels and of predictions."""

    def __init__(self) -> None:
        self.of_path = truth_of(Path("truth.csv"))
        self.description = describe("./photos")
        names = self.description.class_names
        self.true = np.array([names.index(self.of_path[path]) for path in self.description.paths])
        self.given = np.array([names.index(path.partition("/")[0]) for path in self.description.paths])
        self.first_test = self.description.train_examples + self.description.val_examples

    def accuracies(self, results: str) -> dict[str, np.ndarray]:
        """Of each loss, seed by seed, on the test set, by the true labels."""
        true, found = self.true[self.first_test :], dict[str, list[float]]()
        for row in sorted(store.read(Path(results))[0], key=lambda row: row.cell.seed):
            examples = read_examples(store.examples_path(row.id, Path(results)))
            if examples is not None:
                found.setdefault(row.cell.arm.name, []).append(float((examples.predicted == true).mean()))
        return {name: np.array(values) for name, values in found.items()}

    def table(self, results: str) -> str:
        """Accuracy and its difference to ce, the best first."""
        found = self.accuracies(results)
        lines = [
            [
                name,
                f"{points(values.mean())} ± {points(values.std(ddof=1))}",
                f"{100 * (values - found['ce']).mean():+.2f}",
            ]
            for name, values in sorted(found.items(), key=lambda item: -item[1].mean())
        ]
        return table(("loss", "accuracy %, true labels", "minus ce"), lines)

    def wrong(self, part: slice) -> float:
        """The share of wrong given labels."""
        return float((self.true[part] != self.given[part]).mean())


def write_new(source: Path, folder: Path) -> None:
    """Photographs that the user gets later, without folders of classes: the number in the name tells the script all."""
    from PIL import Image

    if folder.exists():
        return
    folder.mkdir()
    with np.load(source) as arrays:
        images, labels = arrays["x_test"][:NEW], arrays["y_test"].ravel()[:NEW]
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{i:05d}.png")
    (folder.parent / "new_truth.csv").write_text("\n".join(map(str, labels.tolist())))


def tell_story(story: Story, truth: Truth) -> None:
    """From the photographs to predictions."""
    test, train = slice(truth.first_test, None), slice(0, truth.first_test)
    story.tell(
        "# Doubtful photographs, from the first verdict to new photographs",
        "<!-- made by: python benchmarks/story.py LSBENCH_DATA results/story -->",
        f"3,000 photographs of CIFAR-10, with labels that people gave: {points(truth.wrong(train))} % of the training"
        f" labels and {points(truth.wrong(test))} % of the test labels are wrong. The user does not know that, nor"
        " which. What the true labels say stands under *truth*; no command of lsbench sees it.",
        "## 1. A first verdict, against labels nobody vouches for",
    )
    story.type(f"lsbench run --dataset ./photos --features {FEATURES} --loss {LOSSES}")
    story.type("lsbench decide", keep=1)
    story.tell("**Truth.**", truth.table("results"))
    story.tell("## 2. A hundred looks", "![The page, on a phone](page.png)")
    story.type("lsbench verify --n 100", keep=4)
    story.type(f"python answers.py results/verify/verify.csv ./photos truth.csv {LOOKS}")
    story.tell("The published labels answer here, in place of a person, whom it takes some ten minutes.")
    story.type(f"lsbench decide --verified {LOOKS}", keep=22)
    story.tell(
        f"**Truth.** {points(truth.wrong(test))} % of the test labels are wrong. The picture has the differences by"
        " given labels, by looks, and in truth:",
        "![Differences to ce by given, looked-at and true labels](differences.png)",
        "## 3. Which training labels are suspicious?",
    )
    story.type("lsbench verify --part train --n 100", keep=4)
    story.type(f"python answers.py results/verify/verify-train.csv ./photos truth.csv {TRAINING_LOOKS} train")
    story.type(f"lsbench suspects --verified {TRAINING_LOOKS} --write fixes.csv --take {TAKEN} --top 8", keep=44)
    story.tell(f"**Truth.** {points(truth.wrong(train))} % of the training labels are wrong. {suspects_truth(truth)}")
    story.tell("## 4. Better labels, trained again")
    story.type(f"lsbench run --dataset ./photos:labels=fixes.csv --features {FEATURES} --loss {LOSSES} --out better")
    story.type(f"lsbench decide better --verified {LOOKS}", keep=22)
    story.tell("**Truth.**", truth.table("better"))
    story.tell("## 5. The network, and new photographs")
    for options, folder in (("", "by_given"), (f" --verified {LOOKS}", "by_looks")):
        story.type(f"lsbench export elr better{options} --out {folder}", keep=4)
        story.type(f"lsbench predict {folder} ./new_photos --out {folder}.csv", keep=2)
        story.tell(f"**Truth.** {predictions_truth(Path(f'{folder}.csv'))}")


def draw_pictures(story: Story, truth: Truth, out: Path) -> None:
    """What was said of each loss, beside the truth; and the page that asks."""
    given, looked = (json.loads(story.type(f"lsbench decide --json{more}"))[0] for more in ("", f" --verified {LOOKS}"))
    del story.lines[-8:]  # these two commands are no part of the story
    found = truth.accuracies("results")
    differences = {name: float((values - found["ce"]).mean()) for name, values in found.items()}
    draw_differences(given["claims"], looked["looked"]["claims"], differences, out / "differences.png")
    photograph(Path("results/verify/verify.html"), out / "page.png")


def suspects_truth(truth: Truth) -> str:
    """How many of those whose label was changed were wrong, and are right now."""
    with Path("fixes.csv").open(newline="", encoding="utf-8") as file:
        fixes = [line for line in csv.DictReader(file) if line["person"] == "predictions"]
    was_wrong = [truth.of_path[line["path"]] != line["given"] for line in fixes]
    is_right = [truth.of_path[line["path"]] == line["verdict"] for line in fixes]
    return (
        f"Of the {len(fixes)} labels that were changed, {points(np.mean(was_wrong))} % were wrong before, and"
        f" {points(np.mean(is_right))} % are right now; of the first 100 of the list {sum(was_wrong[:100])} were wrong."
    )


def predictions_truth(path: Path) -> str:
    """Accuracy and confidence on the new photographs."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    names = list(lines[0])[3:]
    labels = [int(text) for text in Path("new_truth.csv").read_text().split()]
    right = [names.index(line["class"]) == labels[int(Path(line["path"]).stem)] for line in lines]
    sure = [float(line["probability"]) for line in lines]
    return (
        f"{points(np.mean(right))} % of {len(lines):,} new photographs are right, at a mean probability of"
        f" {points(np.mean(sure))} %."
    )


if __name__ == "__main__":
    arguments = [Path(argument).resolve() for argument in sys.argv[1:]]
    main(*arguments)
