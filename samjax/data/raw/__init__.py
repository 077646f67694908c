"""Reading the files that datasets are published as."""
