"""A verdict by looked-at labels as plain values, in the metrics' own units."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsbench.analysis.decide import verdicts_of
from lsbench.analysis.looked import LookedVerdict, looked_verdict
from lsbench.analysis.looked.families import LookedClaim
from lsbench.analysis.looked.reaches import Range, Reach, Reaches
from lsbench.analysis.summary import arms_by_setting
from lsbench.report.decision.looked import looked_paragraphs
from lsbench.report.decision.looked_steps import looked_steps
from lsbench.rows.looks import read_for_verdict
from lsbench.rows.row import Row


def looked_of(
    rows: Sequence[Row], files: Sequence[str | Path], results: Path, *, survivors: bool = False
) -> list[dict[str, Any]]:
    """What files of looked-at labels show by accuracy, of each setting that they are of; `InputError`: bad files."""
    if not files:
        return []
    verified = read_for_verdict([Path(file) for file in files], results)
    verdicts = verdicts_of(arms_by_setting(rows, survivors=survivors), results=results)
    made = [looked_verdict(verdict, verified) for verdict in verdicts]
    return [looked_json(one) for one in made if one]


def looked_json(looked: LookedVerdict) -> dict[str, Any]:
    """All of it: the looks, the claims, the numbers of all metrics, the given labels beside the looked-at ones."""
    verdict, arms = looked.verdict, looked.verdict.arms
    first, *others = looked_paragraphs(looked)
    return {
        "dataset": verdict.setting.dataset,
        "model": verdict.setting.model,
        "criterion": verdict.criterion,
        "metric": looked.metric,
        "tolerance": verdict.tolerance,
        "looks": _looks(looked),
        "claimed": looked.may_claim,
        "led_by_given_labels": None if looked.named is None else arms[looked.named].name,
        "suggested": looked.suggested and looked.suggested.name,
        "winner": {reach.value: arms[arm].name for reach, arm in looked.winners.items() if arm is not None},
        "may_be_best": {reach.value: [arms[arm].name for arm in some] for reach, some in looked.may_be_best.items()},
        "claims": [_claim(looked, one) for one in (*looked.baseline_claims, *looked.pair_claims)],
        "families": {
            "baseline": looked.baseline_size._asdict(),
            "pairs": looked.pairs_size._asdict(),
        },
        "lead": _leads(looked),
        "not_kept": list(looked.unkept),
        "not_finite": {metric: list(names) for metric, names in looked.not_finite.items()},
        "numbers": {metric: _numbers(looked, metric) for metric in looked.numbers},
        "ece": {arms[arm].name: dict(vars(one)) for arm, one in looked.ece.items()},
        "test_labels": _labels(looked),
        "next": list(looked_steps(looked)),
        "text": first,
        "evidence": " ".join(others),
    }


def _looks(looked: LookedVerdict) -> dict[str, Any]:
    verified = looked.verified
    return {
        "design": verified.design.id,
        "n": verified.n,
        "announced": list(verified.design.announced),
        "test": verified.design.count,
        "corrections": int(verified.changed.sum()),
        "no_single_class": int((verified.labels < 0).sum()),
        "cannot_tell": verified.cannot_tell,
        "people": list(verified.people),
        "agreement": verified.agreement,
        "agreement_n": verified.agreement_n,
        "unused": verified.unused,
        "files": list(verified.files),
        "made_before": [arm.name for arm in verified.design.arms],
        "trained_after": list(looked.late),
    }


def _claim(looked: LookedVerdict, claim: LookedClaim) -> dict[str, Any]:
    """The intervals of one reach hold jointly with all others of its family."""
    arms = looked.verdict.arms
    return {
        "family": claim.family,
        "arm": arms[claim.arm].name,
        "other": arms[claim.other].name,
        "shown_for": claim.reach,
        "more_looks": _more(looked, claim),
        **_reaches(claim.gap, claim.findings),
    }


def _more(looked: LookedVerdict, claim: LookedClaim) -> dict[str, Any] | None:
    more = looked.more.get(claim.arm) if claim.family == "baseline" else None
    return more._asdict() if more else None


def _reaches(number: Reaches, findings: Mapping[Reach, str] | None = None) -> dict[str, Any]:
    words = findings or {}
    return {
        "mean": number.mean,
        **{
            reach.value: _range(limits) | ({"finding": words[reach]} if reach in words else {})
            for reach, limits in number.ranges.items()
        },
        "how": number.how,
        "corrections": number.corrections,
    }


def _range(limits: Range) -> dict[str, Any]:
    return {"low": limits.low, "high": limits.high}


def _leads(looked: LookedVerdict) -> dict[str, Any] | None:
    leads, arms = looked.leads, looked.verdict.arms
    return leads and {
        "arm": arms[leads.arm].name,
        "over": [
            {
                "other": arms[other].name,
                "estimate": leads.estimate[other],
                "at_least": {reach.value: least for reach, least in of_other.items()},
            }
            for other, of_other in leads.at_least.items()
        ],
    }


def _numbers(looked: LookedVerdict, metric: str) -> list[dict[str, Any]]:
    """Each interval holds for itself."""
    return [
        {
            "arm": looked.verdict.arms[arm].name,
            **_reaches(one.number),
            "minus_baseline": one.to_baseline and _reaches(one.to_baseline),
        }
        for arm, one in looked.numbers[metric].items()
    ]


def _labels(looked: LookedVerdict) -> dict[str, Any]:
    """`counts` of a given class: how many of its looks show each of `classes`."""
    return {
        "differ": dict(vars(looked.labels.differ)),
        "classes": list(looked.verified.design.classes),
        "given": [
            {**vars(one), "counts": list(one.counts), "differs": one.differs and dict(vars(one.differs))}
            for one in looked.labels.classes
        ],
    }
