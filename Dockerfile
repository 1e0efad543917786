# One image for web pages, workers and scheduler; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm AS packages
# `docker compose build --build-arg LOCK=saml` adds what signing in with SAML needs.
ARG LOCK=run
COPY requirements/${LOCK}.txt /tmp/lock.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/lock.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/isotrack --create-home --shell /usr/sbin/nologin isotrack
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ISOTRACK_VAR_DIR=/var/lib/isotrack \
    ISOTRACK_STATIC_ROOT=/srv/isotrack/staticfiles \
    ISOTRACK_WEB_BIND=0.0.0.0:8000
WORKDIR /srv/isotrack
COPY . .
RUN python manage.py collectstatic --no-input
USER isotrack
EXPOSE 8000
CMD ["gunicorn", "isotrack.wsgi"]
