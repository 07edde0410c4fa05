"""Debian's chromium and chromedriver, where they are installed."""

import shutil

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402 - after the skip
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

__all__ = ["By", "Keys", "WebDriverWait", "emulate", "needs_browser", "paint", "press", "start", "visit"]

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no chromium and chromedriver; Debian: chromium-driver"
)


def start():
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    browser.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    return browser


def paint(browser, url=None):
    """Open a page, or load it again, and wait until it is painted: before that, Chromium drops keys and clicks."""
    browser.get(url) if url else browser.refresh()
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def visit(browser, url=None):
    """The same, and wait until the page hears keys, too."""
    paint(browser, url)
    browser.execute_script("addEventListener('keydown', () => { window.hears = true; }, { once: true, capture: true })")
    WebDriverWait(browser, 60).until(hears_keys)


def hears_keys(browser):
    """Press a key that no page has a use for, so that pressing it again does nothing else."""
    press(browser, Keys.SHIFT)
    return browser.execute_script("return window.hears === true")


def emulate(browser, width=1280, height=900, scheme="light", media="", script=True):
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": width < 600})
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})


def press(browser, *keys):
    """Keys of the keyboard, one after the other, wherever the focus is."""
    actions = webdriver.ActionChains(browser, duration=0)
    for key in keys:
        actions.send_keys(key)
    actions.perform()
