# One image for web, worker, beat and every command. No secret goes in: all of it comes from the environment.

FROM python:3.12-slim AS build
WORKDIR /srv/answerback
RUN python -m venv --without-pip .venv
COPY requirements/production.txt requirements/
RUN pip --python .venv/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/production.txt
COPY manage.py ./
COPY feedback feedback/
COPY surveys surveys/
COPY followups followups/
# Without DATABASE_URL the settings make keys for trying out; they stay in this stage's data folder.
RUN DATA_DIR=/tmp/data .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && .venv/bin/python -m compileall -q feedback surveys followups

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/answerback --shell /usr/sbin/nologin answerback
COPY --from=build /srv/answerback /srv/answerback
COPY --from=build /tmp/data/static /var/lib/answerback/static
WORKDIR /srv/answerback
ENV DATA_DIR=/var/lib/answerback \
    PATH=/srv/answerback/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8000/health/live', timeout=4)"]
CMD ["gunicorn", "feedback.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
