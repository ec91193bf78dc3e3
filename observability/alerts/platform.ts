import { BUILDER, SYSTEM_NAMESPACE } from "../../contract/names";
import { REFRESH_BRAKE } from "../../contract/refreshBrake";
import {
  and,
  compare,
  counter,
  gauge,
  increase,
  max,
  min,
  or,
  ratio,
  sum,
  unless,
  until,
  type Vector,
} from "../promql";
import type { AlertingRule } from "../rule";
import { alert } from "./alert";

/** A ServiceMonitor's job is named after its Service. */
const scraped = gauge("up", { job: BUILDER, namespace: SYSTEM_NAMESPACE });
const ofBuilder = { namespace: SYSTEM_NAMESPACE, deployment: BUILDER } as const;
const available = max(gauge("kube_deployment_status_replicas_available", ofBuilder));

/** Of several versions of the builder the newest says the most. */
const builtAnew = max(gauge("functions_by_refresh", { standing: ["refreshed", "failed"] }), "standing");
const failed = sum(max(gauge("functions_by_refresh", { standing: "failed" }), "standing"));

const DAY = 86_400;
/** A token of an hour is renewed when a fifth of it is left: 12 minutes. */
const TOKEN_LEFT = 600;
const CERTIFICATE_LEFT = 3 * DAY;

type Credential = "api_server_token" | "client_certificate" | "api_server_certificate";
const endsWithin = (seconds: number, ...credential: Credential[]): Vector<"credential"> =>
  compare(
    until(min(gauge("credential_expires_timestamp_seconds", { credential }), "credential")),
    "<",
    seconds,
  );

/** Alerts on the platform's own parts and on what it stands on. */
export const platformAlerts = (runbooks: string): AlertingRule[] => [
  alert(
    "BuilderDown",
    {
      expr: or(
        compare(max(scraped), "==", 0),
        and(
          compare(available, "==", 0),
          compare(max(gauge("kube_deployment_spec_replicas", ofBuilder)), ">", 0),
        ),
      ),
      for: "2m",
      severity: "critical",
      summary: "{{ $value | humanize }} replicas of the builder answer.",
      description:
        "Events are not taken, builds not begun or rolled out. Functions that run are untouched, and what was accepted is carried on as soon as a replica is back.",
      runbook: "builder-down",
    },
    runbooks,
  ),
  alert(
    "MetricsMissing",
    {
      // Known from another source, so that it says nothing of a cluster where the builder isn't.
      expr: unless(compare(available, ">", 0), scraped),
      for: "10m",
      severity: "warning",
      summary:
        "{{ $value | humanize }} replicas of the builder are available, and Prometheus asks none of them.",
      description:
        "Panels are empty and all other alerts of the platform are silent, whatever happens: this is the one that still can speak.",
      runbook: "metrics-missing",
    },
    runbooks,
  ),
  alert(
    "WatchSilent",
    {
      expr: compare(max(gauge("watch_silent_seconds"), "resource"), ">", 180),
      for: "2m",
      severity: "critical",
      summary:
        "A replica of the builder has heard nothing of {{ $labels.resource }} for {{ $value | humanizeDuration }}.",
      description:
        "The API server ends each watch within a minute, so that a silence of three is no quiet. The replica works with what it last saw: changes of functions, and ends of builds, pass it by.",
      runbook: "watch-silent",
    },
    runbooks,
  ),
  alert(
    "RegistryThrottled",
    {
      expr: compare(
        `round(${sum(increase(counter("registry_throttled_total"), "15m"), "seen_by")})` as Vector<"seen_by">,
        ">=",
        5,
      ),
      for: "5m",
      severity: "warning",
      summary:
        "A registry asked for patience {{ $value | humanize }} times in 15 minutes (seen by: {{ $labels.seen_by }}).",
      description:
        "It is asked more than it takes: ECR takes 10 images put in a second and region. Builds and roll-outs take longer, and fail once their retries are used up.",
      runbook: "registry-throttled",
    },
    runbooks,
  ),
  alert(
    "TemplatesFail",
    {
      expr: and(
        compare(failed, ">=", REFRESH_BRAKE.failures),
        compare(ratio(failed, sum(builtAnew)), ">", REFRESH_BRAKE.share),
      ),
      for: "5m",
      severity: "warning",
      summary: "{{ $value | humanize }} functions failed as the builder's newer templates built them anew.",
      description:
        "They serve their image from before. The builder has no more functions built anew, until it is rolled back or has templates that are mended.",
      runbook: "templates-fail",
    },
    runbooks,
  ),
  alert(
    "CredentialExpiring",
    {
      expr: or(
        endsWithin(TOKEN_LEFT, "api_server_token"),
        endsWithin(CERTIFICATE_LEFT, "client_certificate", "api_server_certificate"),
      ),
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.credential }} of the builder ends in {{ $value | humanizeDuration }}.",
      description:
        "It should have been renewed by now: a token when a fifth of its life is left, a certificate days before its end. Once it has ended the builder is refused by the API server, or refuses it.",
      runbook: "credential-expiring",
    },
    runbooks,
  ),
];
