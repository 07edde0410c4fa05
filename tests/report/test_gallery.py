"""The gallery of suspicious labels, in a real browser."""

from io import BytesIO

import pytest
from PIL import Image

from lsbench.data.items import Item
from lsbench.report.looking import GalleryPage, Suspect, Twin, gallery_page
from lsbench.report.looking.gallery import grouped
from tests.report.in_browser import By, WebDriverWait, emulate, needs_browser, visit

pytestmark = needs_browser
HOSTILE = "</script><script>alert(1)</script>"


def picture(shade):
    file = BytesIO()
    Image.new("L", (8, 8), shade).save(file, "PNG")
    return file.getvalue()


def photo(i):
    return Item(i, f"cat/{i}.png", f"{i:064x}", picture(i % 256), "image/png", None)


def row(i):
    return Item(i, f"t.csv:{i}", f"{i:064x}", None, "", (("x", "<b>1</b>"), ("remark", "two\nlines " * 50)))


def suspects(n, item=photo):
    pairs = [("cat", "dog"), ("dog", HOSTILE), ("cat", "dog")]
    return [Suspect(item(i), "train", *pairs[i % 3], n - i, (("share", f"{i} %"),)) for i in range(n)]


@pytest.fixture
def opened(browser, tmp_path):
    def open_page(suspects, twins=(), width=1280):
        emulate(browser, width)
        path = tmp_path / "gallery.html"
        path.write_text(gallery_page(GalleryPage("title", ("text",), tuple(suspects), twins, ("note",), ("run",))))
        visit(browser, path.as_uri())
        return browser

    return open_page


def shown(browser, selector):
    return [one for one in browser.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]


def search(browser, words):
    field = browser.find_element(By.ID, "words")
    field.clear()
    field.send_keys(words)
    return browser.find_element(By.CSS_SELECTOR, "#filter output").text


def test_the_largest_group_comes_first_and_in_it_the_most_suspicious_example():
    groups = grouped(sorted(suspects(7), key=lambda suspect: suspect.rank))
    assert [(group.given, group.suggested) for group in groups] == [("cat", "dog"), ("dog", HOSTILE)]
    assert [suspect.rank for suspect in groups[0].suspects] == [1, 2, 4, 5, 7]


def test_pictures_and_what_is_known_of_each_are_shown_and_the_search_finds_classes_files_and_numbers(opened):
    twins = ((Twin(photo(1), "train", "cat"), Twin(photo(2), "test", "dog")),)
    browser = opened(suspects(7), twins)
    assert len(shown(browser, ".card")) == 9
    assert browser.find_element(By.CSS_SELECTOR, ".card img").get_attribute("naturalWidth") == "8"
    assert browser.find_element(By.CSS_SELECTOR, "#group-2 h2").text.startswith(f"given dog → suggested {HOSTILE}")
    assert search(browser, "dog ALERT") == "2 of 9 shown"
    assert len(shown(browser, ".card")) == 2
    assert not browser.find_element(By.ID, "group-1").is_displayed()
    assert search(browser, "cat/3.png") == "1 of 9 shown"
    assert browser.get_log("browser") == []


def test_rows_of_a_table_are_lines_of_tables_that_can_be_searched_by_class(opened):
    browser = opened(suspects(7, row))
    assert len(shown(browser, "tbody tr")) == 7
    cells = [cell.text for cell in shown(browser, "tbody tr:first-child td")[:5]]
    assert cells[:4] == ["t.csv:0", "train", "0 %", "<b>1</b>"]
    assert len(cells[4]) == 201
    assert search(browser, "cat") == "5 of 7 shown"
    assert len(shown(browser, "tbody tr")) == 5


def test_a_thousand_examples_never_scroll_sideways_and_nothing_is_fetched(opened):
    for item, width in ((photo, 390), (row, 390), (photo, 1280)):
        browser = opened(suspects(1000, item), width=width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    requests = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent" in entry["message"]]
    assert not [message for message in requests if '"url":"http' in message]


def test_a_command_can_be_copied_and_is_selected_where_the_clipboard_is_closed(opened):
    browser = opened(suspects(1))
    closed = "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error())}})"
    browser.execute_script(closed)
    browser.find_element(By.CSS_SELECTOR, ".command button").click()
    WebDriverWait(browser, 10).until(lambda b: b.execute_script("return String(getSelection())") == "run")
