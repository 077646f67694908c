"""Pages and pictures about a trained model and about a prepared dataset.

`samjax report DIR` writes one HTML page about a work folder, which needs neither a network nor a
server; `samjax figure` draws pictures for papers; `samjax inspect` shows a prepared dataset.
"""
