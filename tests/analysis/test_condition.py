from dataclasses import replace

import pytest

from lsbench.analysis.condition import check, parse
from lsbench.errors import InputError
from tests.analysis.summary.handmade import a_row, rows_of
from tests.in_turn import in_turn

ROWS = [
    *rows_of("ce", [0.90, 0.92]),
    *rows_of("lsr", [0.80, 0.82], eps=0.1),
    *rows_of("fused", [0.91, 0.93], eps=0.1),
    *rows_of("fused", [0.70, 0.72], eps=0.2),
]


@in_turn(
    ("text", "holds"),
    [
        ("accuracy(fused,0.1) < accuracy(ce) - 0.5", False),
        ("accuracy(lsr,0.1) < accuracy(ce) - 0.5", True),
        ("accuracy(lsr) < accuracy(ce)", True),  # it has one eps only
        ("accuracy(lsr, eps=0.1) > 80.9", True),  # per cent, as in the tables
        ("accuracy(ce) >= 91", True),
        ("nll(ce) <= 1", True),  # not per cent
        ("10 > ece(ce)", False),
        ("accuracy(ce)-accuracy(lsr)>9.5", True),
        ("-1 < -2", False),
        ("accuracy(fused,0.2) + 19 + 0.5 < accuracy(ce)", True),
    ],
)
def test_conditions_are_read_in_the_units_of_the_tables(text, holds):
    if "(" not in text:
        with pytest.raises(InputError, match="no setting"):
            check(parse(text), ROWS)
        return
    (outcome,) = check(parse(text), ROWS)
    assert outcome.holds is holds


def test_means_are_over_the_seeds_that_all_arms_share():
    rows = [*rows_of("ce", [0.9, 0.8, 0.1]), *rows_of("lsr", [0.9, 0.8], eps=0.1)]
    assert not check(parse("accuracy(ce) < accuracy(lsr)"), rows)[0].holds


def test_every_setting_that_has_the_arms_is_looked_at():
    rows = [a_row(rate=0.2, accuracy=0.9), a_row(rate=0.4, accuracy=0.5), a_row("lsr", rate=0.6, eps=0.1)]
    assert [(o.setting.noise_rate, o.holds) for o in check(parse("accuracy(ce) < 80"), rows)] == [
        (0.2, False),
        (0.4, True),
    ]


def test_a_term_may_speak_of_the_baseline():
    condition = parse("accuracy(ce) < baseline.accuracy(ce) - 1")
    assert condition.needs_baseline
    assert check(condition, rows_of("ce", [0.90]), rows_of("ce", [0.95]))[0].holds
    assert not check(condition, rows_of("ce", [0.945]), rows_of("ce", [0.95]))[0].holds


@in_turn("text", ["accuracy(linear,0.1) < 50", "accuracy(fused,0.3) < 50", "forward.ece(ce) < 5"])
def test_what_no_row_has_is_an_error_and_does_not_pass(text):
    with pytest.raises(InputError, match="no setting has"):
        check(parse(text), ROWS)


def test_an_ambiguous_eps_is_an_error_that_names_the_choices():
    with pytest.raises(InputError, match=r"fused 0\.1, fused 0\.2.*accuracy\(fused,0\.1\)"):
        check(parse("accuracy(fused) < 50"), ROWS)


def test_an_arm_is_named_by_its_exact_hyperparameters_or_by_a_default_that_its_rows_do_not_hold():
    hypers = {0.9: (("gamma", 2.0),), 0.8: (("gamma", 2.0), ("detach", 1.0))}
    plain = {accuracy: a_row("focal", accuracy=accuracy) for accuracy in hypers}
    rows = [replace(plain[a], cell=replace(plain[a].cell, hyper=hyper)) for a, hyper in hypers.items()]
    for text in ("focal,gamma=2", "focal,detach=0"):
        assert check(parse(f"accuracy({text}) > 85"), rows)[0].holds
    assert not check(parse("accuracy(focal,detach=1) > 85"), rows)[0].holds


@in_turn(
    "text",
    [
        "",
        "accuracy(ce)",
        "accuracy(ce) <",
        "< 5",
        "accuracy(ce) < 5 < 6",
        "accuracy(ce) == 5",
        "accuracy ce < 5",
        "accuracy(ce < 5",
        "accuracy(ce) 5 < 6",
        "acuracy(ce) < 5",
        "accuracy(cee) < 5",
        "accuracy(ce, x) < 5",
        "accuracy() < 5",
        "__import__('os') < 5",
        "nowhere.accuracy(ce) < 5",
        "calibration_p(ce) < 0.05",  # a mean of p-values
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(InputError):
        check(parse(text), ROWS)
