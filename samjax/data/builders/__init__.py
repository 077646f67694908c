"""TFDS builders, one file per dataset; all give the features of `samjax.data.example`."""
