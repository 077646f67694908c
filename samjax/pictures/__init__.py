"""Saliency maps as pictures."""
