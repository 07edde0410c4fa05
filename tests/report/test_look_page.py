"""The page on which people give labels, in a real browser: what they do is in the CSV that it gives out."""

import re
from base64 import b64encode

import pytest

from lsbench.data.items import Item
from lsbench.data.looked_file import read_looked
from lsbench.names.answers import read_answer
from lsbench.report.looking import Look, LookPage, verify_page
from lsbench.report.looking.look_page import in_page_order
from tests.report.in_browser import By, Keys, WebDriverWait, emulate, needs_browser, paint, press, visit
from tests.report.look_pages import ANIMALS, look_page

pytestmark = needs_browser
SCRIPT = "</script><script>alert(1)</script>"
HOSTILE = (SCRIPT, '"a", b', "שלום", "?", "?x", "\u202ex", "a|b\\c", "=1+1", "caf\udce9", "<!--<script <img src=x>")
MANY = (*(f"{a} {b}" for a in ("long", "short", "wire") for b in ("cat", "dog", "hound", "hare")), "Éland")


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page at its start, with nothing kept of others; downloads go into the folder of the test."""

    def open_page(page, name="", width=1280):
        emulate(browser, width, 844)
        path = tmp_path / f"{page.page}.html"
        path.write_text(verify_page(page))
        visit(browser, path.as_uri())
        if width < 600:
            find(browser, "#start button").click()
        else:
            enter(browser, name)
        return browser

    downloads = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    yield open_page
    browser.execute_script("try { localStorage.clear(); } catch { /* a test has closed it */ }")
    browser.get("about:blank")


def find(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def enter(browser, name):
    """Type the name, and Enter, where the page asks for one."""
    if find(browser, "#start").is_displayed():
        press(browser, *[Keys.BACKSPACE] * len(find(browser, "#person").get_attribute("value")), *name, Keys.ENTER)
        WebDriverWait(browser, 60).until(lambda b: not find(b, "#start").is_displayed())


def lines_of(browser, tmp_path):
    """The answers in the text for those who can't download."""
    if find(browser, "#end").get_attribute("hidden"):
        find(browser, "#save").click()
    (tmp_path / "text.csv").write_text(find(browser, "#text").get_attribute("value"), newline="")
    return read_looked(str(tmp_path / "text.csv"))


def labels_of(browser, tmp_path, names=ANIMALS):
    return [read_answer(line.label, names) for line in lines_of(browser, tmp_path)]


def test_a_hundred_examples_are_answered_by_keyboard_with_an_undo_and_a_reload(opened, tmp_path):
    page = look_page(n=100)
    browser = opened(page, 'Ada, "A"')
    press(browser, "1", "?", "-", "+13", Keys.ENTER, "2", Keys.BACKSPACE, *"321" * 12)
    assert find(browser, "#count").text == "40 of 100 · batch 2 of 4: 10 left"
    visit(browser)
    press(browser, *"3" * 60)
    assert find(browser, "#end-title").text == "All 100 are answered"
    press(browser, *"123", Keys.ENTER)  # no answers any more: Enter saves
    WebDriverWait(browser, 10).until(lambda _: (tmp_path / "verified.csv").exists())
    lines = read_looked(str(tmp_path / "verified.csv"))
    looks = in_page_order(page)
    assert [(line.item, line.sha256, line.path) for line in lines] == [
        (look.item.number, look.item.digest, look.item.path) for look in looks
    ]
    expected = [(0,), (0, 1, 2), (), (0, 2), *[(2,), (1,), (0,)] * 12, *[(2,)] * 60]
    assert [read_answer(line.label, ANIMALS).classes for line in lines] == expected
    assert read_answer(lines[1].label, ANIMALS).cannot_tell
    assert {(line.person, line.design) for line in lines} == {('Ada, "A"', page.design)}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line.time) for line in lines)
    probabilities = [line.rpartition(",")[0].rpartition(",")[2] for line in texts(tmp_path / "verified.csv")]
    assert probabilities == [look.probability for look in looks]


def test_an_answer_is_about_the_picture_that_is_seen(opened, tmp_path):
    page = look_page(n=30)
    number_of = {b64encode(look.item.picture).decode(): look.item.number for look in page.looks}
    browser = opened(page)
    for _ in range(30):
        number = number_of[find(browser, "#picture").get_attribute("src").partition(",")[2]]
        press(browser, str(number % 3 + 1))
    assert [(line.item, line.label) for line in lines_of(browser, tmp_path)] == [
        (look.item.number, ANIMALS[look.item.number % 3]) for look in in_page_order(page)
    ]


def texts(path):
    return [line for line in path.read_text().splitlines() if line.endswith("Z")]


def test_neither_a_path_nor_the_place_in_the_data_set_is_shown(opened):
    browser = opened(look_page())
    shown = find(browser, "body").text + find(browser, "#picture").get_attribute("alt")
    assert "cat/" not in shown
    assert "99" not in shown
    assert find(browser, "#picture").get_attribute("naturalWidth") == "8"


def test_hostile_names_are_texts_and_come_back_from_the_file_as_they_were(opened, tmp_path):
    browser = opened(look_page(HOSTILE, n=11))
    for k in range(10):
        click_class(browser, k)
    press(browser, "+")
    for k in range(10):
        click_class(browser, k)
    find(browser, "#done").click()
    find(browser, "#go-on").click()
    press(browser, *[Keys.ARROW_RIGHT] * 10)
    assert len(browser.find_elements(By.CSS_SELECTOR, "#classes [aria-pressed=true]")) == 10
    assert [answer.classes for answer in labels_of(browser, tmp_path, HOSTILE)] == [*((k,) for k in range(10)), TEN]
    assert browser.get_log("browser") == []


TEN = tuple(range(10))


def click_class(browser, k):
    """At once, where a tap would have to be a quarter of a second after the one before."""
    browser.execute_script("document.querySelectorAll('#classes button')[arguments[0]].click()", k)


def test_with_many_classes_the_best_match_of_what_is_typed_is_the_answer(opened, tmp_path):
    browser = opened(look_page(MANY))
    press(browser, *"wi do", Keys.ENTER)
    press(browser, *"hare", Keys.ARROW_DOWN, Keys.ENTER)
    press(browser, *"eland", Keys.ENTER)
    press(browser, *"zzz", Keys.ENTER)
    assert find(browser, "#no-class").is_displayed()
    press(browser, Keys.ESCAPE, "+", *"hound", Keys.ENTER, *"long cat", Keys.ENTER, Keys.ENTER)
    press(browser, "?")
    found = labels_of(browser, tmp_path, MANY)
    long_cat, hound = MANY.index("long cat"), MANY.index("long hound")
    one_each = [(MANY.index("wire dog"),), (MANY.index("short hare"),), (MANY.index("Éland"),)]
    assert [answer.classes for answer in found[:4]] == [*one_each, (long_cat, hound)]
    assert found[4].cannot_tell


def test_a_class_of_one_character_is_its_own_key_and_takes_it_from_other_answers(opened, tmp_path):
    names = ("-", "A", "1", "owl")
    browser = opened(look_page(names))
    press(browser, "-", "a", "1", "4", "_")
    found = labels_of(browser, tmp_path, names)
    assert [answer.classes for answer in found] == [(0,), (1,), (2,), (3,), ()]


def test_a_key_that_is_held_down_answers_once(opened):
    browser = opened(look_page())
    for repeated in (False, True, True):
        held = {"type": "keyDown", "key": "1", "text": "1", "autoRepeat": repeated}
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", held)
    assert find(browser, "#count").text == "1 of 5"


def test_taps_answer_on_a_phone_a_double_tap_once_and_the_page_never_scrolls_sideways(opened, tmp_path):
    for names in (ANIMALS, HOSTILE, tuple("x" * 60 + name for name in MANY)):
        browser = opened(look_page(names, page=names[0][:8].strip("</>"), n=3), width=390)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        tap = "const b = document.querySelector('#classes button').getBoundingClientRect(); return [b.x + 20, b.y + 20]"
        x, y = browser.execute_script(tap)
        for _ in range(2):
            for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
                browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        WebDriverWait(browser, 10).until(lambda b: find(b, "#count").text.startswith("1 of 3"))
        find(browser, "#save").click()
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_a_second_tab_goes_on_where_the_first_one_is(opened, tmp_path):
    browser = opened(look_page())
    first = browser.current_window_handle
    press(browser, "1")
    browser.switch_to.new_window("tab")
    visit(browser, (tmp_path / "first.html").as_uri())
    press(browser, "2")
    browser.switch_to.window(first)
    WebDriverWait(browser, 10).until(lambda b: find(b, "#count").text == "2 of 5")
    press(browser, "3", Keys.BACKSPACE, Keys.BACKSPACE)
    assert [answer.classes for answer in labels_of(browser, tmp_path)] == [(0,)]
    browser.switch_to.window(browser.window_handles[1])
    WebDriverWait(browser, 10).until(lambda b: find(b, "#count").text == "1 of 5")
    browser.close()
    browser.switch_to.window(first)


def test_an_answer_that_another_tab_has_just_kept_is_not_lost(opened, browser, tmp_path):
    page = look_page()
    opened(page)
    last = in_page_order(page)[-1].item.number
    place = f"lsbench looks {page.design} {page.page}"
    answers = {str(last): {"label": "dog", "time": "2000-01-01T00:00:00.000Z"}}
    kept = f"localStorage.setItem({place!r}, JSON.stringify({{answers: {answers}}}))"
    browser.execute_script(kept)  # of which this tab hears nothing
    press(browser, "1")
    assert [answer.classes for answer in labels_of(browser, tmp_path)] == [(0,), (2,)]


def test_where_storage_downloads_and_the_clipboard_are_closed_the_page_says_so_and_goes_on(browser, tmp_path):
    emulate(browser)
    (tmp_path / "page.html").write_text(verify_page(look_page()))
    frame = '<iframe sandbox="allow-scripts" src="page.html" width="900" height="800"></iframe>'
    (tmp_path / "outer.html").write_text(frame)
    paint(browser, (tmp_path / "outer.html").as_uri())  # the frame has the focus
    browser.switch_to.frame(0)
    assert "keeps nothing" in find(browser, "#warning").text
    assert not find(browser, "#kept").is_displayed()
    find(browser, "#start button").click()
    press(browser, "1", "2")
    assert [answer.classes for answer in labels_of(browser, tmp_path)] == [(0,), (1,)]
    find(browser, "#download").click()  # of which the page can't know that it is refused
    find(browser, "#copy").click()
    WebDriverWait(browser, 10).until(lambda b: "selected" in find(b, "#saved").text)
    marked = "const { value, selectionStart, selectionEnd } = document.activeElement;"
    selected = browser.execute_script(f"{marked} return value.slice(selectionStart, selectionEnd)")
    assert selected == find(browser, "#text").get_attribute("value")
    assert not (tmp_path / "verified.csv").exists()
    browser.switch_to.default_content()


def test_what_a_store_holds_is_checked_and_another_page_starts_anew(opened, browser, tmp_path):
    opened(look_page(page="second"))
    press(browser, "1")
    opened(look_page(page="broken"))
    browser.execute_script(f"localStorage.setItem('lsbench looks {'d' * 12} broken', '{{\"answers\": 3')")
    visit(browser)
    assert "can't be read" in find(browser, "#warning").text
    find(browser, "#start button").click()
    assert find(browser, "#count").text == "0 of 5"


def test_a_shorter_copy_of_a_page_that_has_grown_loses_none_of_its_answers(opened, browser):
    opened(look_page())
    press(browser, *"11111")
    opened(look_page(n=3))
    find(browser, "#go-on").click()
    press(browser, "2")
    opened(look_page())
    assert find(browser, "#end-title").text == "All 5 are answered"


def test_starting_over_asks_once_more_and_erases(opened, browser, tmp_path):
    opened(look_page(), "Ada")
    press(browser, "1", "1")
    find(browser, "#save").click()
    find(browser, "#erase").click()
    assert len(lines_of(browser, tmp_path)) == 2
    find(browser, "#erase").click()
    assert find(browser, "#start").is_displayed()
    assert find(browser, "#person").get_attribute("value") == ""


def test_without_javascript_the_page_says_what_to_do_and_shows_no_control(browser, tmp_path):
    emulate(browser, script=False)
    (tmp_path / "page.html").write_text(verify_page(look_page()))
    browser.get((tmp_path / "page.html").as_uri())
    assert "needs JavaScript" in find(browser, "body").text
    assert not any(button.is_displayed() for button in browser.find_elements(By.TAG_NAME, "button"))


def test_a_row_of_a_table_is_shown_as_texts(opened):
    fields = (("name", "<b>bold</b>"), ("text", "two\nlines \u202e"), ("", "x" * 3000))
    item = Item(0, "", "0" * 64, None, "", fields)
    browser = opened(LookPage("t", "d", "rows", ANIMALS, (Look(item, 0, "1"),)), width=390)
    cells = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "#row td")]
    assert cells == ["<b>bold</b>", "two\nlines \\u202e", "x" * 3000]
    assert not find(browser, "#picture").is_displayed()
    press(browser, Keys.ARROW_DOWN)
    assert browser.execute_script("return document.getElementById('row').scrollTop") == 80
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
