"""Serves a function's handler through the Functions Framework, which loads this file in place of the function's own.

A handler takes one argument, the event's data, and its result is answered as a CloudEvent. A function that uses the framework's own
decorators, or sets FUNCTION_SIGNATURE_TYPE, is handed to the framework as it is. Whatever is missing fails the start.
"""

import asyncio
import importlib
import inspect
import json
import os
import re
import resource
import sys
import time
import traceback
import uuid

import cloudevents.exceptions
import flask
import functions_framework
from cloudevents.http import CloudEvent, from_http, to_binary
from functions_framework import _function_registry

CODE = os.environ.get("FUNCTION_CODE", "/function")
MODULE = os.environ["HANDLER_MODULE"]
TARGET = os.environ["FUNCTION_TARGET"]

NAME = os.environ.get("K_SERVICE", os.environ.get("FUNCTION_NAME", "function"))
NAMESPACE = os.environ.get("FUNCTION_NAMESPACE", "default")

# The next attempt fails just the same.
NEVER_RETRYABLE = (ValueError, TypeError, ImportError, KeyError, AttributeError)

first_invocation = True


def load():
    """The function that the handler names, from the function's own code."""
    os.chdir(CODE)
    sys.path.insert(0, CODE)
    module = importlib.import_module(MODULE)
    handler = getattr(module, TARGET, None)
    if not callable(handler):
        found = ", ".join(name for name in dir(module) if inspect.isfunction(getattr(module, name))) or "none"
        sys.exit(f"the handler {MODULE}.{TARGET} is not there: {MODULE} has no function {TARGET}; its functions are: {found}")
    return handler


def header_safe(text):
    """A text that a header can carry, or a new id in its place."""
    return text if text and re.fullmatch(r"[\x21-\x7e]{1,256}", text) else str(uuid.uuid4())


def data_of(event, request):
    """The event's data; an empty object where it has none. The SDK hands on text that is no JSON as if it were no matter."""
    if event.data in (None, b"", ""):
        return {}
    binary = "ce-specversion" in request.headers
    if binary and re.match(r"application/(.+\+)?json\b", request.headers.get("Content-Type", "")):
        return json.loads(request.get_data())
    return event.data


def answer(status, kind, correlation_id, data):
    event = CloudEvent(
        {
            "type": f"io.knative.lambda.response.{kind}",
            "source": f"io.knative.lambda/{NAME}",
            "subject": NAME,
            "datacontenttype": "application/json",
        },
        data,
    )
    headers, body = to_binary(event)
    return flask.Response(body, status, {**headers, "X-Correlation-ID": correlation_id})


def serve(handler, request):
    """Answers one CloudEvent."""
    global first_invocation
    if request.method != "POST":
        return flask.Response("send a CloudEvent by POST\n", 405, {"Allow": "POST", "Content-Type": "text/plain"})
    cold_start, first_invocation = first_invocation, False
    started = time.monotonic()
    event_id = request.headers.get("ce-id")

    def described(extra):
        return {
            "functionName": NAME,
            "namespace": NAMESPACE,
            "invocationId": event_id or correlation_id,
            "correlationId": correlation_id,
            **extra,
            "metrics": {
                "durationMs": round((time.monotonic() - started) * 1000),
                "coldStart": cold_start,
                # Kilobytes, on Linux.
                "memoryUsedMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
        }

    def failed(status, code, message, retryable):
        error = {"code": code, "message": message, "retryable": retryable}
        print(json.dumps({"level": "error", "msg": message, "code": code, "correlationId": correlation_id}), file=sys.stderr, flush=True)
        return answer(status, "error", correlation_id, described({"error": error}))

    correlation_id = header_safe(request.headers.get("X-Correlation-ID") or event_id)
    try:
        event = from_http(request.headers, request.get_data())
        data = data_of(event, request)
    except (cloudevents.exceptions.GenericException, ValueError) as wrong:
        return failed(400, "InvalidCloudEvent", str(wrong), False)
    event_id = event["id"]
    if not request.headers.get("X-Correlation-ID"):
        correlation_id = header_safe(event_id)
    try:
        result = handler(data)
        if inspect.isawaitable(result):
            result = asyncio.run(settled(result))
        return answer(200, "success", correlation_id, described({"result": {"statusCode": 200, "body": result}}))
    except Exception as error:
        traceback.print_exc()
        return failed(500, type(error).__name__, str(error), not isinstance(error, NEVER_RETRYABLE))


async def settled(awaitable):
    return await awaitable


def health():
    return {"status": "ok"}


def echo_correlation_id(response):
    """For functions that the framework serves by itself."""
    sent = flask.request.headers.get("X-Correlation-ID")
    if sent and "X-Correlation-ID" not in response.headers:
        response.headers["X-Correlation-ID"] = header_safe(sent)
    return response


def adapt():
    """The function under its own name, as the framework looks for it in this file."""
    handler = load()
    # The framework runs this file with its application at hand, before the first request.
    flask.current_app.add_url_rule("/health", "health", health, methods=["GET"])
    flask.current_app.after_request(echo_correlation_id)
    if TARGET in _function_registry.REGISTRY_MAP or os.environ.get("FUNCTION_SIGNATURE_TYPE"):
        return handler

    def adapted(request):
        return serve(handler, request)

    adapted.__name__ = TARGET
    return functions_framework.http(adapted)


globals()[TARGET] = adapt()
