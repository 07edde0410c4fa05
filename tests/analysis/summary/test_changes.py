from lsbench.analysis.summary import changes_since
from tests.analysis.summary.handmade import a_row, rows_of

BEFORE = [0.90, 0.91, 0.92, 0.93]


def test_an_arm_that_fell_at_every_seed_is_worse_and_one_that_rose_is_not():
    older = [*rows_of("ce", BEFORE), *rows_of("lsr", BEFORE, eps=0.1)]
    fell, rose = (
        [x - 0.02 - i / 1000 for i, x in enumerate(BEFORE)],
        [x + 0.02 + i / 1000 for i, x in enumerate(BEFORE)],
    )
    (found,) = changes_since([*rows_of("ce", fell), *rows_of("lsr", rose, eps=0.1)], older)
    assert [change.worse for change in found.changes] == [True, False]
    assert found.changes[0].accuracy.mean < -0.02


def test_equal_rows_are_no_change():
    (found,) = changes_since(rows_of("ce", BEFORE), rows_of("ce", BEFORE))
    assert not found.changes[0].worse
    assert found.changes[0].accuracy.mean == 0


def test_one_seed_shows_nothing():
    (found,) = changes_since([a_row("ce", accuracy=0.5)], [a_row("ce", accuracy=0.9)])
    assert not found.changes[0].worse
    assert found.changes[0].p_holm is None


def test_what_only_one_folder_has_is_left_out():
    assert changes_since(rows_of("ce", BEFORE), rows_of("lsr", BEFORE, eps=0.1)) == []
    assert changes_since(rows_of("ce", BEFORE, rate=0.4), rows_of("ce", BEFORE)) == []


def test_p_is_adjusted_over_all_arms_of_the_folder():
    older = [*rows_of("ce", BEFORE), *rows_of("lsr", BEFORE, eps=0.1)]
    newer = [x - 0.01 - i / 200 for i, x in enumerate(BEFORE)]
    alone = changes_since(rows_of("ce", newer), older)[0].changes[0].p_holm
    both = changes_since([*rows_of("ce", newer), *rows_of("lsr", BEFORE, eps=0.1)], older)[0].changes[0].p_holm
    assert both == 2 * alone
