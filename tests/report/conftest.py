import pytest


@pytest.fixture(scope="session")
def browser():
    """One for all tests of pages: to start it takes longer than most of them."""
    from tests.report.in_browser import start

    driver = start()
    yield driver
    driver.quit()
