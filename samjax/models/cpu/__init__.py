"""The CPU's arithmetic: the same numbers as XLA's convolutions, computed faster."""
