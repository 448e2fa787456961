"""The project's own figures beside a minimal Textual program: `python -m tests.benchmarks` prints them in 3 minutes.

A figure depends on the machine, so none is a test; what must not drift is counted in `tests/tui/test_counts.py`.
"""
