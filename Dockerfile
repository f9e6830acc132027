# One image, many commands: `docker run vitrine serve`, `docker run vitrine ingest …`.

# --- scripts and fonts of the pages, at the versions of package-lock.json ---
FROM node:24-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# --- Python packages with their hashes, and our own wheel ---
FROM python:3.13-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/vitrine && python -m venv /opt/builder
COPY requirements.lock requirements-build.lock ./
RUN /opt/builder/bin/pip install --require-hashes -r requirements-build.lock \
 && /opt/builder/bin/pip wheel --require-hashes --no-build-isolation -r requirements.lock -w wheels \
 && /opt/vitrine/bin/pip install --no-index --no-deps wheels/*.whl
COPY pyproject.toml README.md LICENSE .gitignore ./
COPY scripts scripts
COPY server server
COPY --from=assets /build/node_modules node_modules
RUN python -m scripts.vendor place \
 && /opt/builder/bin/python -m hatchling build -t wheel -d dist \
 && /opt/vitrine/bin/pip install --no-index --no-deps dist/*.whl

# --- what runs ---
FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/vitrine --create-home vitrine
COPY --from=build /opt/vitrine /opt/vitrine
WORKDIR /srv/vitrine
COPY data data
COPY manifests manifests
COPY LICENSE gunicorn.conf.py ./
ENV PATH=/opt/vitrine/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    VITRINE_HOST=0.0.0.0 \
    VITRINE_PORT=8000 \
    VITRINE_HOME_DIR=/var/lib/vitrine
USER vitrine
VOLUME /var/lib/vitrine
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['VITRINE_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["vitrine"]
CMD ["serve"]
