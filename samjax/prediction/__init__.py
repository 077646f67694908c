"""Prediction: a trained model, applied to photographs.

`predictor` is the public model, `predict` writes the maps of many photographs to files.
"""
