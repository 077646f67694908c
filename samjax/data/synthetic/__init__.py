"""Drawn scenes in which it is known where people look."""
