"""The bundled model from the shell, measured: photographs, starts, stages and whole folders."""
