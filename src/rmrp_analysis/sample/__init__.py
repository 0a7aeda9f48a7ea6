"""A deterministic illustrative plan of any size, for demonstration, tests and benchmarks."""

from rmrp_analysis.sample.write import write_sample

__all__ = ["write_sample"]
