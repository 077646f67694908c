"""Writing datasets: from raw files to a TFDS dataset in array_record."""
