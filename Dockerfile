# Conductor as a service. Build: docker build -t conductor-local .
# Run: docker run -e CONDUCTOR_TOKEN=… -p 127.0.0.1:3000:3000 -v conductor-data:/var/lib/conductor conductor-local

FROM node:22-bookworm-slim AS console
WORKDIR /source/console
COPY console/package.json console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY console ./
RUN npm run build

FROM python:3.13-slim-bookworm AS wheels
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY src ./src
COPY --from=console /source/src/conductor_local/console_files ./src/conductor_local/console_files
ENV CONDUCTOR_CONSOLE=skip
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[redis,kafka]"

FROM python:3.13-slim-bookworm
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "conductor-local[redis,kafka]"
RUN useradd --system --uid 10001 --home-dir /var/lib/conductor --create-home conductor
USER conductor
WORKDIR /var/lib/conductor
VOLUME /var/lib/conductor

# Listening beyond the container needs CONDUCTOR_TOKEN; without it the server says so and ends.
ENV HOST=0.0.0.0 PORT=3000 CONDUCTOR_DATA=/var/lib/conductor/conductor.db PYTHONUNBUFFERED=1
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=6 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["conductor", "serve"]
