"""Many draws of looks at once (`benchmarks/looks.py`), held against `interval`; and what they miss, in short."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from lsbench.statistics.looks import believed_control, given_control, interval, learned_belief, make_design
from tests.pages import ROOT
from tests.simulations import simulation

N, K = 600, 4


@pytest.fixture
def bench(monkeypatch):
    """The modules of the simulation."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    names = {
        "draws": "looks_draws",
        "scenarios": "looks_scenarios",
        "people": "looks_people",
        "looks": "looks",
        "made": "looks_made",
    }
    return SimpleNamespace(**{short: importlib.import_module(name) for short, name in names.items()})


class Arms:
    """Log-probs of networks that are right on 80 % and very sure; given labels repeat half of ce's mistakes."""

    def __init__(self, seed=0, sure=3.0, arms=("ce", "gce:q=0.7", "elr:lam=3:beta=0.7"), k=10, n=N):
        rng = np.random.default_rng(seed)
        self.true = rng.integers(0, k, n)
        scores = {arm: 3 * np.eye(k)[self.true] + rng.normal(size=(n, k)) * 1.2 for arm in arms}
        z = {arm: sure * (one + rng.normal(size=(4, n, k)) * 0.4) for arm, one in scores.items()}
        self.log_probs = {arm: one - np.log(np.exp(one).sum(-1, keepdims=True)) for arm, one in z.items()}
        guess = self.log_probs["ce"][0].argmax(-1)
        self.given = np.where((guess != self.true) & (rng.random(n) < 0.5), guess, self.true)

    def people(self, bench):
        return bench.people.People(np.zeros((len(self.true), 1)), self.true, self.given, self.log_probs)


def scenario_of(bench, **options):
    """Of three arms at 30, 50 and 100 looks."""
    return bench.scenarios.Scenario("made", "Made", "Made.", arms=(), at=(30, 100), **options)


def shown_of(bench, made, scenario, draws):
    contrasts = made.contrasts(scenario.criteria, scenario.alone)
    return bench.looks.intervals(contrasts, scenario, made, draws)


def controlled(contrast, made, learned):
    if contrast.control.fitted:
        return believed_control(contrast.effect, made.belief, learned)
    return given_control(contrast.effect, made.given, learned)


@pytest.mark.parametrize("two_people", [False, True])
def test_all_draws_at_once_give_the_intervals_that_interval_gives(bench, two_people):
    scenario = scenario_of(bench, two_people=two_people, alone=("nll",))
    made = bench.scenarios.made_of(scenario, Arms().people(bench))
    exact = 0
    for one in shown_of(bench, made, scenario, 4).values():
        for seed, n, announced in ((0, 30, 30), (1, 100, 100), (2, 150, 50), (3, 100, 50)):
            shown = one.shown(n, announced, 0.025)
            design = make_design(made.sizes, seed)
            first = design.first(n)
            learned = learned_belief(made.probabilities, made.given, first, made.may_be[first])
            control = controlled(one.contrast, made, learned)
            options = {"announced": announced, "alpha": 0.05}
            alone = interval(design, one.least[first], one.most[first], control, one.low, one.high, **options)
            assert shown.exact[seed] == (alone.how == "exact")
            exact += shown.exact[seed]
            missed = not alone.low - 1e-9 <= one.contrast.true <= alone.high + 1e-9
            assert one.missed(n, announced, 0.025)[seed] == missed
            near = 1e-3 * (alone.high - alone.low)  # beliefs of the least weight are left out, and others are float32
            if alone.how == "asymptotic":
                assert (shown.low[seed], shown.high[seed]) == pytest.approx((alone.low, alone.high), abs=near)
            if n == announced:
                assert one.widths(n)[seed] == pytest.approx(alone.high - alone.low, abs=near)
    assert exact


@simulation(short=150, long=1000)
def test_an_nll_that_few_examples_decide_is_covered_where_given_labels_imitate_the_leader(bench, trials):
    scenario = scenario_of(bench, criteria=("nll", "brier"), alone=("nll",), extend=False)
    made = bench.scenarios.made_of(scenario, Arms(sure=6.0, n=1500).people(bench))
    for one in shown_of(bench, made, scenario, trials).values():
        for n in scenario.at:
            assert one.missed(n, n, 0.025).mean() <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / trials), (one.contrast.name, n)


@simulation(short=60, long=1000)
@pytest.mark.parametrize("change", ["ties", "nineteen"])
def test_near_ties_and_nineteen_arms_of_which_two_diverged_are_covered_and_have_no_false_winner(bench, trials, change):
    one = getattr(bench.people, change)(Arms(sure=1.0, arms=EIGHT, n=500).people(bench))
    scenario = scenario_of(bench, criteria=("accuracy",))
    made = bench.scenarios.made_of(scenario, one)
    against, leader = made.family()
    shown = bench.looks.intervals([*against, *leader], scenario, made, trials)
    most = 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / trials)
    assert all(one.missed(100, 100, 0.025).mean() <= most for one in shown.values())
    worse, best = bench.looks.family_errors([shown[one.name] for one in against], [shown[one.name] for one in leader])
    assert max(worse, best) <= most


EIGHT = (
    "ce",
    "lsr:eps=0.1",
    "lsr:eps=0.3",
    "gce:q=0.7",
    "sce:alpha=0.1:beta=1",
    "forward",
    "elr:lam=3:beta=0.7",
    "prune",
)


@simulation(short=150, long=1000)
def test_two_people_who_differ_cost_width_and_no_coverage(bench, trials):
    people = Arms(sure=1.0, n=800).people(bench)
    widths = []
    for two_people in (False, True):
        scenario = scenario_of(bench, extend=False, two_people=two_people)
        made = bench.scenarios.made_of(scenario, people)
        shown = shown_of(bench, made, scenario, trials)
        assert all(one.missed(100, 100, 0.025).mean() <= 0.095 for one in shown.values())
        widths.append([np.median(one.widths(100)) for one in shown.values()])
    assert (np.array(widths[1]) > widths[0]).all()


def test_very_sure_mistakes_under_labels_that_repeat_them_hide_from_few_looks_in_nll_alone(bench):
    missed = bench.made.missed_in(bench.made.sure(imitated=True), 40)
    assert missed["nll"][30] > 0.4
    assert missed["nll"][30] > missed["nll"][300] > 0.1
    assert max(most for name, one in missed.items() for most in one.values() if name != "nll") < 0.15


def test_the_drawn_sets_are_what_their_lines_say(bench):
    for one in bench.made.SETS:
        people = bench.made.drawn(one)
        assert {z.shape for z in people.log_probs.values()} == {(3, one.examples, one.classes)}
        wrong, named = float((people.given != people.true).mean()), one.name.split(" %")[0]
        assert abs(wrong - (float(named) / 100 if named.isdigit() else wrong)) < 0.06
