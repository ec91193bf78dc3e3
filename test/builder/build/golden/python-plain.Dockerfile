FROM registry.example.com/python:3.13-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS build
COPY platform/ /platform/
RUN python3 -m venv --without-pip /venv && \
    pip --python /venv/bin/python install --no-cache-dir --no-compile --disable-pip-version-check functions-framework==3.10.2 && \
    { python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv /platform || true; }

FROM registry.example.com/python:3.13-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
COPY --from=build /venv /venv
COPY --from=build /platform /platform
COPY code/ /function/
ENV PATH=/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FUNCTION_SOURCE=/platform/knative_lambda_adapter.py FUNCTION_TARGET=handler HANDLER_MODULE=main
USER 65532:65532
CMD ["/venv/bin/functions-framework"]
