# One image for every process of Lastmile; docker-compose.yml says which command each runs.

FROM node:22-bookworm-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY lastmile/browser lastmile/browser
RUN node lastmile/browser/build.mjs

FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements requirements
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements/app.txt \
    && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: --no-deps \
        --python-version 3.12 --target /engine -r requirements/engine.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=lastmile.settings \
    ENGINE_DIR=/app/var/engine \
    NUMBA_CPU_NAME=generic
RUN useradd --uid 10001 --home-dir /app --no-create-home lastmile
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=packages /engine var/engine
COPY . .
COPY --from=browser /app/var/build var/build
RUN python -m lastmile.catalogs compile
# Static files get names with their contents' hash; no service is needed for that, so the addresses lead nowhere.
RUN SECRET_KEY=only-while-the-image-is-built-0123456789-abcdefghijklmnop \
    PUBLIC_URL=https://build.invalid \
    DATABASE_URL=postgresql://lastmile_app@build.invalid/lastmile \
    REDIS_URL=redis://build.invalid:6379/0 \
    python manage.py collectstatic --no-input --verbosity 0 \
    && mkdir -p var/atlas var/media \
    && chown -R lastmile:lastmile var/atlas var/media
# The search is compiled here, for any processor of this architecture: no container compiles it again.
RUN python -m routing.solver.warm && chown -R lastmile:lastmile var/compiled
USER 10001
EXPOSE 8000
CMD ["uvicorn", "lastmile.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--timeout-graceful-shutdown", "10"]
