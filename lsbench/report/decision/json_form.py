"""A verdict as plain values: every claim that its words make is in `claims`."""

from collections.abc import Iterable
from typing import Any

from lsbench.analysis.looked import LookedTraining, LookedVerdict
from lsbench.analysis.summary import ArmResults, majority_p, size_warnings
from lsbench.analysis.summary.setting_text import recipe_text
from lsbench.analysis.verdict import Verdict
from lsbench.report.chosen import chosen_json
from lsbench.report.contradicted import contradicted_json
from lsbench.report.decision.given_json import given_json, would_change_json
from lsbench.report.decision.looked_json import looked_json
from lsbench.report.decision.looked_training import training_json
from lsbench.report.decision.next_steps import next_steps
from lsbench.report.decision.numbers import deciding
from lsbench.report.decision.sentences import evidence as evidence_text
from lsbench.report.decision.sentences import paragraph
from lsbench.statistics import Claim, Difference, Evidence


def as_json(
    verdict: Verdict, looked: LookedVerdict | None = None, training: Iterable[LookedTraining] = ()
) -> dict[str, Any]:
    """All of it as plain values, in the metrics' own units (an accuracy of 0.98, not 98 %).

    `looked`: what labels that people gave show of it, `training`: of training labels; all else is by the given ones.
    """
    setting, choice = verdict.setting, verdict.choice
    return {
        "dataset": setting.dataset,
        "model": setting.model,
        "labels": verdict.labels,
        "noise": setting.noise if setting.noise_is_told else None,
        "noise_rate": setting.noise_rate if setting.noise_is_told else None,
        "recipe": recipe_text(setting, verdict.differs),
        **{name: getattr(verdict, name) for name in ("criterion", "metric", "temperature", "tolerance")},
        "on": verdict.on,
        "winner": _name(verdict, choice.winner),
        "leader": _name(verdict, choice.leader),
        "may_be_best": [verdict.arms[key].name for key in choice.may_be_best] if verdict.may_claim else [],
        "suggested": verdict.suggested and verdict.suggested.name,
        "arms": [_arm_json(verdict, arm) for arm in verdict.arms.values()],
        "claims": _claims_json(verdict) if verdict.may_claim else [],
        "could_be_missed": choice.could_be_missed[1] if verdict.may_claim and choice.could_be_missed else None,
        "left_out": list(verdict.oracles),
        "chosen": chosen_json(verdict.all_arms),
        "counted": choice.counted,
        "families": {
            "baseline": choice.baseline_size._asdict(),
            "pairs": choice.pairs_size._asdict(),
        },
        "elsewhere": [
            {"criterion": one.criterion, "best_mean": one.best.name, "difference": _difference_json(one.difference)}
            for one in verdict.elsewhere
        ],
        "warnings": list(verdict.doubts),
        "examples": _examples_json(verdict),
        "noise_known": verdict.noise_known,
        "contradicted": verdict.held_out and contradicted_json(verdict.held_out),
        "annotators": verdict.annotators or None,
        "given_labels": given_json(verdict),
        "would_change": would_change_json(verdict),
        "next": list(next_steps(verdict)),
        **({"looked": looked_json(looked)} if looked else {}),
        **_training_json(verdict, training),
        "text": paragraph(verdict),
        "evidence": evidence_text(verdict),
    }


def _training_json(verdict: Verdict, training: Iterable[LookedTraining]) -> dict[str, Any]:
    """What looked-at training labels of its data set say; nothing where there are none."""
    ours = [one for one in training if one.verified.design.fingerprint == verdict.setting.fingerprint]
    return {"looked_training": training_json(ours[0])} if ours else {}


def _name(verdict: Verdict, key: Any) -> str | None:
    return None if key is None or not verdict.may_claim else verdict.arms[key].name


def _examples_json(verdict: Verdict) -> dict | None:
    sizes = verdict.sizes
    return sizes and {
        **sizes.total,
        "classes": list(sizes.classes),
        "majority": {"class": sizes.classes[sizes.majority], "rate": sizes.majority_rate},
        "warnings": size_warnings(sizes),
    }


def _arm_json(verdict: Verdict, arm: ArmResults) -> dict[str, Any]:
    mean = deciding(verdict, arm)
    return {
        "name": arm.name,
        "loss": arm.key.tagged_loss,
        "hyper": dict(arm.key.hyper),
        "n": arm.n,
        "lost": len(arm.lost),
        "source": arm.key.source or None,
        **({"oracle": True} if verdict.is_oracle(arm) else {}),
        "mean": mean and mean.mean,
        "sd": mean and mean.sd,
        "compared": arm in verdict.compared,
        "may_be_best": verdict.may_claim and arm.key in verdict.choice.may_be_best,
        "same_function": [same.name for same in verdict.same.get(arm.key, ())],
        "p_against_majority": majority_p(arm, verdict.sizes) if verdict.sizes and arm.comparable else None,
    }


def _claims_json(verdict: Verdict) -> list[dict[str, Any]]:
    """Those against ce, with what stands beside them, then all pairs."""
    choice = verdict.choice
    beside = choice.evidence
    here = verdict.on_test_set.against_baseline
    against = [
        _claim_json(verdict, claim)
        | {"difference_on_test_set": _difference_json(here[claim.arm].difference)}
        | _beside_json(beside[claim.arm])
        for claim in choice.baseline_claims
    ]
    return [*against, *(_claim_json(verdict, claim) for claim in choice.pair_claims)]


def _claim_json(verdict: Verdict, claim: Claim) -> dict[str, Any]:
    """One claim, of `arm` against `other`; the interval holds jointly with all others of its family.

    Two that are not compared, as one of them lost seeds, have null for all that would be found of them.
    """
    return {
        "family": claim.family,
        "arm": verdict.arms[claim.arm].name,
        "other": verdict.arms[claim.other].name,
        "finding": claim.finding if claim.difference else None,
        "difference": _difference_json(claim.difference),
        "p": claim.p,
        "p_holm": claim.p_adjusted if claim.p is not None else None,
        "effect": claim.effect,
    }


def _beside_json(evidence: Evidence) -> dict[str, Any]:
    needed = evidence.seeds_needed
    return {
        "p_sign_flip": evidence.p_sign_flip,
        "seeds_needed": None if needed is None else dict(vars(needed)),
        "could_be_missed": evidence.could_be_missed,
    }


def _difference_json(difference: Difference | None) -> dict | None:
    return None if difference is None else dict(vars(difference))
