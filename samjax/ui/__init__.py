"""The local page and its HTTP interface: `samjax ui`.

It stands on FastAPI, uvicorn and python-multipart, which the extra `ui` brings; they are imported
only where they are used.
"""
