"""Programs that launch from a config: flags and one call."""

from samjax.extras import tell_in_one_line

tell_in_one_line()
