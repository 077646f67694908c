"""Training: one config in, one Experiment built from it, one loop."""
