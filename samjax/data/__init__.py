"""Datasets: builders that write array_record, sources that read it, and the input pipeline."""
