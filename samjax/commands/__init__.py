"""The sub-commands of `samjax`, one module each."""
