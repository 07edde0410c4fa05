"""The page in a real browser: Debian's chromium and chromedriver, where they are installed."""

import pytest

from lsbench.report.page import Page, Section, render_page
from lsbench.report.tables import Entry, Table
from tests.report.in_browser import By, Keys, WebDriverWait, emulate, needs_browser, visit

pytestmark = needs_browser
ACCURACIES = ["97.88 ± 0.11", "–", "9.50 ± 0.20", "-0.03 [-0.08, +0.02]", "1,234", "100.00 ± 0.00"]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    lines = tuple((Entry(f"loss {i}"), Entry(text), Entry("x" * 30)) for i, text in enumerate(ACCURACIES * 3))
    wide = Table(
        "wide",
        ("loss", "accuracy %", *"abcdefgh"),
        tuple((*line, *([Entry("12.34 ± 0.56", best=True)] * 7)) for line in lines),
        (),
    )
    table = Table("narrow", ("loss", "accuracy %", "other"), lines[: len(ACCURACIES)], ())
    page = Page(
        "title",
        ("A verdict.",),
        (),
        (Section("one", (), (table, wide), ()),),
        (),
        (table,),
        (("a", "b"),),
        ("lsbench run",),
        "",
    )
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render_page(page))
    return path.as_uri()


@pytest.fixture
def page(browser, url):
    emulate(browser)
    visit(browser, url)
    return browser


def column(page, which=1):
    table = page.find_elements(By.TAG_NAME, "table")[0]
    return [
        line.find_elements(By.CSS_SELECTOR, "th,td")[which].text
        for line in table.find_elements(By.CSS_SELECTOR, "tbody tr")
    ]


def sorter(page, which=1):
    return page.find_elements(By.CSS_SELECTOR, "thead th")[which].find_element(By.TAG_NAME, "button")


def test_a_click_sorts_by_number_up_then_down_with_what_is_missing_last(page):
    sorter(page).click()
    up = ["-0.03 [-0.08, +0.02]", "9.50 ± 0.20", "97.88 ± 0.11", "100.00 ± 0.00", "1,234"]
    assert column(page) == [*up, "–"]
    head = page.find_elements(By.CSS_SELECTOR, "thead th")[1]
    assert head.get_attribute("aria-sort") == "ascending"
    sorter(page).click()
    assert column(page) == [*reversed(up), "–"]
    assert head.get_attribute("aria-sort") == "descending"


def test_the_keyboard_sorts_too(page):
    sorter(page).send_keys(Keys.ENTER)
    assert column(page)[0].startswith("-0.03")


def test_the_filter_hides_lines_counts_them_and_resets(page):
    field, count = page.find_element(By.ID, "words"), page.find_element(By.CSS_SELECTOR, "#filter output")
    everything = count.text
    field.send_keys("loss 97.88")
    shown = [line for line in page.find_elements(By.CSS_SELECTOR, "tbody tr") if line.is_displayed()]
    assert shown
    assert all("97.88" in line.text for line in shown)
    total = int(everything.split()[0])
    assert count.text.endswith(f"of {total} lines")
    assert int(count.text.split()[0]) < total
    page.find_element(By.CSS_SELECTOR, "#filter button").click()
    assert count.text == everything
    assert field.get_attribute("value") == ""


def test_nothing_is_fetched_nothing_is_refused_and_nothing_fails(page):
    sorter(page).click()
    assert page.get_log("browser") == []
    requests = [entry["message"] for entry in page.get_log("performance") if "requestWillBeSent" in entry["message"]]
    assert not [message for message in requests if '"url":"http' in message]


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(page, url, width):
    emulate(page, width)
    visit(page, url)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_table_that_is_cut_off_says_so_until_its_end_is_in_sight(page, url):
    hints = "return [...document.querySelectorAll('.hint')].map(of => !of.hidden)"
    cut = "return [...document.querySelectorAll('.frame')].map(of => of.classList.contains('cut'))"
    emulate(page, 1280)
    visit(page, url)
    wait = WebDriverWait(page, 10)
    wait.until(lambda page: page.execute_script(hints)[0] is False)
    emulate(page, 390)
    wait.until(lambda page: page.execute_script(hints)[1] and page.execute_script(cut)[1])
    page.execute_script("document.querySelectorAll('.scroll')[1].scrollLeft = 10000")
    wait.until(lambda page: not page.execute_script(cut)[1])


def test_dark_mode_is_dark_and_light_mode_light(page, url):
    found = {}
    for scheme in ("light", "dark"):
        emulate(page, scheme=scheme)
        visit(page, url)
        colour = page.execute_script("return getComputedStyle(document.body).backgroundColor")
        found[scheme] = sum(int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    assert found["dark"] < 200 < 600 < found["light"]


def test_without_javascript_everything_can_be_read_and_no_control_is_shown(page, url):
    emulate(page, script=False)
    page.get(url)
    assert len(page.find_elements(By.CSS_SELECTOR, "tbody tr")) == len(ACCURACIES) * 5
    assert all(line.is_displayed() for line in page.find_elements(By.CSS_SELECTOR, "section tbody tr"))
    assert not page.find_element(By.ID, "filter").is_displayed()
    assert not any(button.is_displayed() for button in page.find_elements(By.TAG_NAME, "button"))


def test_print_leaves_the_controls_out(page, url):
    emulate(page, media="print")
    visit(page, url)
    assert not page.find_element(By.ID, "filter").is_displayed()
    assert not page.find_element(By.TAG_NAME, "nav").is_displayed()
    assert page.find_element(By.TAG_NAME, "table").is_displayed()


COUNT_READS = """
const { get } = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
let reads = 0;
Object.defineProperty(Node.prototype, "textContent", { get() { reads += 1; return get.call(this); } });
document.querySelectorAll("thead button")[1].click();
return [reads, get.call(document.querySelector("tbody tr").cells[1])];
"""


def test_a_thousand_lines_are_read_once_each_to_be_sorted(page, tmp_path):
    lines = tuple((Entry(f"loss {i}"), Entry(f"{i * 7919 % 1000}.5 ± 0.1")) for i in range(1000))
    table = Table("long", ("loss", "accuracy %"), lines, ())
    path = tmp_path / "index.html"
    path.write_text(render_page(Page("t", (), (table,), (), (), (), (), (), "")))
    visit(page, path.as_uri())
    assert page.execute_script(COUNT_READS) == [1000, "0.5 ± 0.1"]
