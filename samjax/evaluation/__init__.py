"""Evaluation: saliency maps scored against fixations, beside baselines and observers."""
