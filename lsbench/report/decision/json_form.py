"""A verdict as plain values."""

from typing import Any

from lsbench.analysis.decide import Verdict
from lsbench.analysis.summary import ArmResults, majority_p, size_warnings
from lsbench.analysis.summary.setting_text import recipe_text
from lsbench.report.decision.numbers import deciding
from lsbench.report.decision.sentences import paragraph
from lsbench.statistics import Difference


def as_json(verdict: Verdict) -> dict[str, Any]:
    """All of it as plain values, in the metrics' own units (an accuracy of 0.98, not 98 %)."""
    setting, choice = verdict.setting, verdict.choice
    return {
        "dataset": setting.dataset,
        "model": setting.model,
        "noise": None if verdict.unknown_noise else setting.noise,
        "noise_rate": None if verdict.unknown_noise else setting.noise_rate,
        "recipe": recipe_text(setting, verdict.differs),
        **{name: getattr(verdict, name) for name in ("criterion", "metric", "temperature", "tolerance")},
        "winner": None if choice.winner is None else verdict.arms[choice.winner].name,
        "leader": None if choice.leader is None else verdict.arms[choice.leader].name,
        "acceptable": [verdict.arms[key].name for key in choice.acceptable],
        "suggested": verdict.suggested and verdict.suggested.name,
        "arms": [_arm_json(verdict, arm) for arm in verdict.arms.values()],
        "costs": [
            {"criterion": cost.criterion, "better": cost.best.name, "difference": _difference_json(cost.difference)}
            for cost in verdict.costs
            if cost.best is not None
        ],
        "warnings": list(verdict.doubts),
        "examples": _examples_json(verdict),
        "noise_known": verdict.noise_known,
        "noise_estimated": verdict.noise_guess
        and {
            "rate": verdict.noise_guess.rate.mean,
            "sd": verdict.noise_guess.rate.sd,
            "seeds": verdict.noise_guess.rate.n,
            "matrix": verdict.noise_guess.matrix,
        },
        "text": paragraph(verdict),
    }


def _examples_json(verdict: Verdict) -> dict | None:
    sizes = verdict.sizes
    return sizes and {
        **sizes.total,
        "majority": {"class": sizes.classes[sizes.majority], "rate": sizes.majority_rate},
        "warnings": size_warnings(sizes),
    }


def _arm_json(verdict: Verdict, arm: ArmResults) -> dict:
    comparison = verdict.comparisons.get(arm.key)
    mean = deciding(verdict, arm)
    return {
        "name": arm.name,
        "loss": arm.key.tagged_loss,
        "hyper": dict(arm.key.hyper),
        "n": arm.n,
        "lost": len(arm.lost),
        "source": arm.key.source or None,
        "mean": mean and mean.mean,
        "sd": mean and mean.sd,
        "status": comparison.status if comparison else "leader",
        "p_against_majority": majority_p(arm, verdict.sizes) if verdict.sizes and arm.comparable else None,
        "difference": _difference_json(comparison.difference if comparison else None),
        "difference_over_examples": _difference_json(verdict.over_examples.get(arm.key)),
        "p_holm": comparison.p_holm if comparison else None,
        "p_sign_flip": comparison.p_sign_flip if comparison else None,
        "effect_size": comparison.effect_size if comparison else None,
        "seeds_needed": comparison.seeds_needed if comparison else None,
    }


def _difference_json(difference: Difference | None) -> dict | None:
    return None if difference is None else dict(vars(difference))
