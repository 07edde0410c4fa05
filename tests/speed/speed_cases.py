"""Studies small enough to be made in a moment, and one that is made up."""

from lsbench.speed import FormCost, ShapeCosts, SpeedOptions, SpeedStudy


def asked(**options):
    return SpeedOptions(**{"shapes": ((16, 7),), "forms": ("torch",), "seconds": 0.001, **options})


def cost(form, seconds=2e-6, **numbers):
    return FormCost(form=form, seconds=seconds, turns=9, speed_up=1.5, copies=2.0, bytes_per_logit=16.0, **numbers)


def made_up(*dtypes):
    """Two shapes, of which lsr runs at the first and liger at none."""
    shapes = tuple(
        ShapeCosts(
            dtype=dtype,
            rows=rows,
            classes=10,
            copy_seconds=1e-6,
            costs=(
                cost("torch", bandwidth=rows * 1e7, peak_bytes=1_500_000, loss_error=1e-8, gradient_error=2e-7),
                cost("lsr", bandwidth=rows * 1e6) if rows == 10 else FormCost(form="lsr", reason="would need 9 GB"),
                FormCost(form="liger", reason="runs on CUDA"),
            ),
        )
        for dtype in dtypes
        for rows in (10, 1000)
    )
    forms = ("torch", "lsr", "liger")
    wanted = asked(shapes=((10, 10), (1000, 10)), forms=forms, dtypes=dtypes, threads=2)
    return SpeedStudy(asked=wanted, hardware="a machine", torch="2.99", buffers="fresh", shapes=shapes)
