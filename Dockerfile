# docs/how-to/run-as-a-service.md, "In a container", says how to run it.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements/run.txt requirements/build.txt requirements/
# Wheels only: no compiler runs here, and none is missed later.
RUN python -m venv --without-pip /opt/meterd \
 && python -m pip --python /opt/meterd/bin/python install \
        --only-binary :all: --require-hashes -r requirements/run.txt \
 && python -m venv backend \
 && backend/bin/pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN backend/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
 && python -m pip --python /opt/meterd/bin/python install --no-deps wheels/*.whl

FROM ${PYTHON}
LABEL org.opencontainers.image.title="meterd" \
      org.opencontainers.image.description="An open metering daemon" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/meterd /opt/meterd
RUN install -d -o 10001 -g 10001 -m 700 /var/lib/meterd && install -d /etc/meterd
ENV PATH=/opt/meterd/bin:$PATH STATE_DIRECTORY=/var/lib/meterd PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME /var/lib/meterd
EXPOSE 9850
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["meterd", "health", "-c", "/etc/meterd/meterd.yaml"]
ENTRYPOINT ["meterd"]
CMD ["run", "-c", "/etc/meterd/meterd.yaml"]
