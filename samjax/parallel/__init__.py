"""Several devices and several processes: the mesh, messages between hosts, kept programs."""
