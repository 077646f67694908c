"""The sub-commands of `samjax`, one module each.

Each module has `SUMMARY`, `EXAMPLE`, `add_arguments(parser)` and `run(args)`, which returns the
exit status. Heavy imports stand inside `run`, because `samjax --help` imports every module.
"""
