"""Which loss, and how much label smoothing, should I train with, given that some labels are wrong?"""

__version__ = "0.1.0"
