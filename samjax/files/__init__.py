"""Files on disk and from the network: written whole or not at all, verified, cached."""
