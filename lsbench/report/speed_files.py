"""What losses cost, as files: the numbers, the table and the picture."""

import json
from pathlib import Path

from lsbench.errors import InputError
from lsbench.report import tables
from lsbench.report.speed_table import speed_tables
from lsbench.speed import SpeedStudy


def write_speed(study: SpeedStudy, out: Path) -> None:
    """Write speed.json, speed.md, speed.png and speed.svg into the folder; `InputError` where that can't be done."""
    from lsbench.report.figures.roofline import draw_roofline  # matplotlib, which only the picture needs
    from lsbench.report.figures.save import save

    try:
        (out / "speed.json").write_text(speed_json(study), encoding="utf-8")
        (out / "speed.md").write_text(tables.markdown(speed_tables(study)), encoding="utf-8")
        figure = draw_roofline(study)
        for suffix in (".png", ".svg"):
            save(figure, out / f"speed{suffix}")
    except OSError as error:
        raise InputError(f"can't write into {out}: {error.strerror}; choose another --out") from error


def speed_json(study: SpeedStudy) -> str:
    """The numbers of a study as JSON."""
    return json.dumps(study.as_json(), indent=1, allow_nan=False) + "\n"
