"""The kinds of data, and the model that is usual for each."""

IMAGES, FEATURES, TABLE = "images", "features", "table"  # of the last two an example is a vector (d,)
USUAL_MODELS: dict[str, str] = {
    IMAGES: "mlp",
    FEATURES: "linear",
    TABLE: "mlp:widths=128-64",
}  # where the user names none
KINDS = tuple(USUAL_MODELS)
