"""A work folder as one HTML page that needs neither network nor server: `samjax report DIR`."""
