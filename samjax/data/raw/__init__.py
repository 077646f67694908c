"""Reading the files that eye-tracking datasets are published as."""
