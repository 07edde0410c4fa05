"""How many bins calibration is measured in, where nobody says: every metric, picture and text has it from here."""

DEFAULT_BINS = 15  # equal-width or equally filled, as Guo et al. (2017) have it
