"""Segmark: interactive segmentation annotation of industrial defects (the logic; see README.md)."""

__version__ = "0.1.0"
