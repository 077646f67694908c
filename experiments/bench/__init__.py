"""The subjects that `experiments.benchmark` measures: a module each, with `measure(plan)`."""
