"""Reading datasets: examples, sources, geometry, transforms and the input pipeline."""
