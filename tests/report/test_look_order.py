"""The order in which a page of looks shows its examples."""

from lsbench.report.looking.look_page import in_page_order
from tests.report.look_pages import look_page


def test_a_batch_is_shuffled_and_nobody_sees_what_comes_first_in_the_design():
    positions = [look.position for look in in_page_order(look_page(n=60))]
    for start in (0, 25, 50):
        batch = positions[start : start + 25]
        assert sorted(batch) == list(range(start, min(start + 25, 60)))
        assert batch != sorted(batch)
    assert positions == [look.position for look in in_page_order(look_page(n=60))]
    assert positions != [look.position for look in in_page_order(look_page(n=60, page="second"))]
