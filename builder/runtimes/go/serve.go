// Package adapter serves a function's handler through the Functions Framework.
//
// A handler takes one argument, the event's data, and its result is answered as a CloudEvent. A function with a signature of the framework's
// own, or one that registers itself with the framework, is handed to it as it is. Whatever is missing fails the start.
package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
)

var (
	name      = environment("K_SERVICE", environment("FUNCTION_NAME", "function"))
	namespace = environment("FUNCTION_NAMESPACE", "default")

	invoked atomic.Bool
)

// call is a handler in its one form: the event's data as it came.
type call func(context.Context, []byte) (any, error)

// errData marks data that the handler's argument can't hold.
var errData = errors.New("the event's data is no object")

// Serve answers events with a handler for as long as the process lives.
func Serve(handler any) {
	var err error
	ctx := context.Background()
	switch handler := handler.(type) {
	case func(map[string]any) (any, error):
		err = serveCall(ctx, func(_ context.Context, data []byte) (any, error) { return withObject(data, handler) })
	case func(context.Context, map[string]any) (any, error):
		err = serveCall(ctx, func(ctx context.Context, data []byte) (any, error) {
			return withObject(data, func(object map[string]any) (any, error) { return handler(ctx, object) })
		})
	case func(context.Context, cloudevents.Event) error:
		err = funcframework.RegisterCloudEventFunctionContext(ctx, "/", handler)
	case func(http.ResponseWriter, *http.Request):
		err = funcframework.RegisterHTTPFunctionContext(ctx, "/", handler)
	default:
		log.Fatalf("the handler is a %T; it may be func(map[string]any) (any, error), or a function of the Functions Framework", handler)
	}
	if err != nil {
		log.Fatal(err)
	}
	if err := funcframework.RegisterHTTPFunctionContext(ctx, "/health", health); err != nil {
		log.Fatal(err)
	}
	// Set, it would have the framework serve one function alone, and /health would be the function's.
	os.Unsetenv("FUNCTION_TARGET")
	start()
}

// ServeRegistered starts the framework, which serves the function that registered itself under FUNCTION_TARGET, or fails.
func ServeRegistered() { start() }

func start() { log.Fatal(funcframework.Start(environment("PORT", "8080"))) }

func serveCall(ctx context.Context, handler call) error {
	return funcframework.RegisterHTTPFunctionContext(ctx, "/", func(w http.ResponseWriter, r *http.Request) { answer(handler, w, r) })
}

func withObject(data []byte, handler func(map[string]any) (any, error)) (any, error) {
	object := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &object); err != nil {
			return nil, fmt.Errorf("%w: %v", errData, err)
		}
	}
	return handler(object)
}

// response is the data of the event that answers.
type response struct {
	FunctionName  string   `json:"functionName"`
	Namespace     string   `json:"namespace"`
	InvocationID  string   `json:"invocationId"`
	CorrelationID string   `json:"correlationId"`
	Result        *result  `json:"result,omitempty"`
	Error         *failure `json:"error,omitempty"`
	Metrics       metrics  `json:"metrics"`
}

type result struct {
	StatusCode int `json:"statusCode"`
	Body       any `json:"body"`
}

type failure struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable"`
}

type metrics struct {
	DurationMs   int64  `json:"durationMs"`
	ColdStart    bool   `json:"coldStart"`
	MemoryUsedMb uint64 `json:"memoryUsedMb"`
}

// answer answers one CloudEvent.
func answer(handler call, w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "send a CloudEvent by POST", http.StatusMethodNotAllowed)
		return
	}
	started := time.Now()
	reply := response{FunctionName: name, Namespace: namespace}
	reply.Metrics.ColdStart = !invoked.Swap(true)
	sent := r.Header.Get("X-Correlation-ID")

	event, err := cloudevents.NewEventFromHTTPRequest(r)
	if err == nil {
		err = event.Validate()
	}
	if err != nil {
		reply.CorrelationID = headerSafe(sent)
		reply.InvocationID = reply.CorrelationID
		reply.Error = &failure{Code: "InvalidCloudEvent", Message: err.Error()}
		send(w, http.StatusBadRequest, "error", reply, started)
		return
	}
	reply.InvocationID = event.ID()
	reply.CorrelationID = headerSafe(sent)
	if sent == "" {
		reply.CorrelationID = headerSafe(event.ID())
	}
	body, status, failed := invoke(r.Context(), handler, event.Data())
	if failed != nil {
		reply.Error = failed
		send(w, status, "error", reply, started)
		return
	}
	reply.Result = &result{StatusCode: http.StatusOK, Body: body}
	send(w, http.StatusOK, "success", reply, started)
}

// invoke runs the handler; a panic in it is an error of its own. The status is that of the failure.
func invoke(ctx context.Context, handler call, data []byte) (body any, status int, failed *failure) {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", cause, debug.Stack())
			status, failed = http.StatusInternalServerError, &failure{Code: "Panic", Message: fmt.Sprint(cause)}
		}
	}()
	body, err := handler(ctx, data)
	switch {
	case errors.Is(err, errData):
		return nil, http.StatusBadRequest, &failure{Code: "InvalidData", Message: err.Error()}
	case err != nil:
		return nil, http.StatusInternalServerError, &failure{Code: "HandlerError", Message: err.Error(), Retryable: true}
	}
	return body, 0, nil
}

func send(w http.ResponseWriter, status int, kind string, reply response, started time.Time) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	reply.Metrics.DurationMs = time.Since(started).Milliseconds()
	reply.Metrics.MemoryUsedMb = memory.Sys / (1 << 20)

	body, err := json.Marshal(reply)
	if err != nil {
		status, kind = http.StatusInternalServerError, "error"
		reply.Result, reply.Error = nil, &failure{Code: "HandlerError", Message: err.Error()}
		body, _ = json.Marshal(reply)
	}
	if reply.Error != nil {
		line, _ := json.Marshal(map[string]string{
			"level": "error", "msg": reply.Error.Message, "code": reply.Error.Code, "correlationId": reply.CorrelationID,
		})
		fmt.Fprintln(os.Stderr, string(line))
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Ce-Specversion", "1.0")
	header.Set("Ce-Id", uuid.NewString())
	header.Set("Ce-Type", "io.knative.lambda.response."+kind)
	header.Set("Ce-Source", "io.knative.lambda/"+name)
	header.Set("Ce-Subject", name)
	header.Set("Ce-Time", time.Now().UTC().Format(time.RFC3339Nano))
	header.Set("X-Correlation-ID", reply.CorrelationID)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}`))
}

var safe = regexp.MustCompile(`^[\x21-\x7e]{1,256}$`)

// headerSafe is a text that a header can carry, or a new id in its place.
func headerSafe(text string) string {
	if safe.MatchString(text) {
		return text
	}
	return uuid.NewString()
}

func environment(variable, otherwise string) string {
	if value := os.Getenv(variable); value != "" {
		return value
	}
	return otherwise
}
