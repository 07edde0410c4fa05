"""The pictures of `benchmarks/story.py`: differences as they were said, beside the truth; and the page that asks."""

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsbench.report.figures.save import save
from lsbench.report.figures.style import COLOURS, GREY, INK, new_figure

ROOM = 0.17  # between the lines of a loss


def draw_differences(given: Sequence[Any], looked: Sequence[Any], truth: Mapping[str, float], path: Path) -> None:
    """By each loss, its difference to ce in points: by the given labels, by looked-at labels, and in truth.

    given, looked: the claims of `decide --json` and of `decide --verified --json`.
    """
    of_given = {one["arm"]: one["difference_on_test_set"] for one in given if one["family"] == "baseline"}
    of_looks = {one["arm"]: one for one in looked if one["family"] == "baseline"}
    names = sorted(of_looks, key=lambda name: -truth[name])
    figure = new_figure(0.9 + 0.32 * len(names), "accuracy minus that of ce, on this test set", width=6.4)
    axes = figure.subplots()
    for y, name in enumerate(names):
        whole, some = of_given[name], of_looks[name]
        lines = (
            (whole["mean"], whole["low"], whole["high"], GREY, "given labels, all: other seeds"),
            (
                some["mean"],
                some["networks"]["low"],
                some["networks"]["high"],
                COLOURS[0],
                "looked-at labels, 100: other looks",
            ),
        )
        for place, (mean, low, high, colour, label) in enumerate(lines):
            at = y + ROOM * (2 * place - 1)
            axes.plot([100 * low, 100 * high], [at, at], color=colour, linewidth=1.6)
            axes.plot([100 * mean], [at], "o", color=colour, markersize=5, label=label if y == 0 else None)
        axes.plot([100 * truth[name]], [y], "x", color=INK, markersize=6, label="true labels" if y == 0 else None)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel("points; joint 95 % intervals")
    axes.legend(loc="lower right", frameon=False, fontsize=7)
    save(figure, path)


def photograph(page: Path, path: Path) -> None:
    """The page that asks, on a phone; nothing where there is no chromium to show it."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        print(f"no chromium and chromedriver: {path.name} is not made again", file=sys.stderr)
        return
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(word)
    options.binary_location = browser
    chrome = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        chrome.get(page.resolve().as_uri())
        start = "[...document.querySelectorAll('button')].find(b => b.textContent.trim() == 'Start').click()"
        chrome.execute_script(start)
        time.sleep(1)
        chrome.save_screenshot(str(path))
    finally:
        chrome.quit()
