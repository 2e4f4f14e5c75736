# docker build --tag followthrough .
# docker run --publish 127.0.0.1:5000:5000 --volume followthrough:/data followthrough
# BASE is any image with Python 3.11 or newer and its venv module. What was tried stands in docs/operations.md.
ARG BASE=docker.io/library/python:3.13-slim-bookworm
FROM ${BASE} AS build
WORKDIR /source
COPY requirements.lock ./
RUN python3 -m venv /opt/followthrough \
    && /opt/followthrough/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY tracker ./tracker
COPY templates ./templates
COPY static ./static
RUN /opt/followthrough/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/followthrough/bin/python -m compileall -q /opt/followthrough/lib \
    && /opt/followthrough/bin/pip uninstall --yes pip

FROM ${BASE}
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin followthrough \
    && install --directory --owner followthrough --mode 0700 /data
COPY --from=build /opt/followthrough /opt/followthrough
ENV PATH=/opt/followthrough/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FOLLOWTHROUGH_INSTANCE_PATH=/data
USER followthrough
WORKDIR /data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --start-period=20s CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/healthz')"]
ENTRYPOINT ["followthrough"]
CMD ["serve", "--host", "0.0.0.0"]
