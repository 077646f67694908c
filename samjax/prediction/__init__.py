"""Prediction: a trained model, applied to photographs."""
