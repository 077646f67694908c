"""Programs that launch from a config: flags and one call."""
