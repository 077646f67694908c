# samjax in a container, of packages alone: nothing is compiled, and CUDA comes with JAX's wheels.
#
#   docker build --target cpu  --build-arg COMMIT="$(git rev-parse HEAD)" -t samjax:cpu .
#   docker build --target cuda --build-arg COMMIT="$(git rev-parse HEAD)" -t samjax:cuda .
#
# How to run it: docs/how-to/container.md.
FROM python:3.11-slim AS sources
ARG COMMIT=""
# Any user may run it (docker run --user), so the home folder is everybody's.
ENV SAMJAX_COMMIT=$COMMIT \
    HOME=/home/samjax \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN mkdir -m 1777 /home/samjax
WORKDIR /samjax
COPY pyproject.toml README.md LICENSE ./
COPY samjax samjax
COPY configs configs
COPY experiments experiments

FROM sources AS cuda
# The host needs NVIDIA's driver and its container toolkit, and nothing of CUDA.
# Which versions fit together is said by pyproject.toml and by JAX.
# hadolint ignore=DL3013
RUN pip install --editable '.[train,track]' 'jax[cuda12]'
USER 65534
CMD ["samjax", "--help"]

# The last one is what a build without --target makes.
FROM sources AS cpu
RUN pip install --editable '.[train,track]'
USER 65534
CMD ["samjax", "--help"]
