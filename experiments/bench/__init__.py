"""What `experiments.benchmark` measures: a module per subject, each with `measure() -> dict`."""
