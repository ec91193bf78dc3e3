import { LABELS, selectorLabels } from "../../../contract/labels";
import type { Case } from "../support/case";
import type { Subject } from "../support/judge";

/** A NetworkPolicy beside those of the program that lets nothing through. */
const shut = (podSelector: object): Subject => ({
  type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  name: "another",
  urn: "urn:pulumi:prod::knative-lambda::kubernetes:networking.k8s.io/v1:NetworkPolicy::another",
  protect: false,
  madeFrom: [],
  props: { spec: { podSelector, policyTypes: ["Ingress", "Egress"] } },
});

const BUILDS = { matchLabels: { [LABELS.build]: "true" } };
const ON_THE_BUILDER = { matchLabels: selectorLabels("builder") };
const LINK_LOCAL = "169.254.0.0/16";
const INSIDE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", LINK_LOCAL];
const everywhere = (...except: string[]) => [{ ipBlock: { cidr: "0.0.0.0/0", except } }];

/** A rule that another policy for the same pods gets, and what is said of it. */
type Opening = readonly [when: string, direction: "ingress" | "egress", rule: object, says: RegExp];

const opened = (policy: string, podSelector: object, openings: readonly Opening[]): Case[] =>
  openings.map(([when, direction, rule, says]) => ({
    policy,
    when,
    beside: [shut(podSelector)],
    edit: { resource: "another", at: `spec.${direction}`, to: [rule] },
    says,
  }));

/** Who reaches pods and where they go. */
export const isolation: readonly Case[] = [
  {
    policy: "deployment-isolated",
    edit: { resource: "builder-network-policy", at: "spec.policyTypes", to: ["Ingress"] },
    says: /no NetworkPolicy has Egress for the pods of builder-deployment/,
  },
  ...opened("deployment-isolated", ON_THE_BUILDER, [
    ["anybody comes in", "ingress", {}, /ingress\[0\] lets in anybody; say who/],
    ["anybody comes to a port", "ingress", { ports: [{ port: 80 }] }, /ingress\[0\] lets in anybody/],
    [
      "every pod comes to any port",
      "ingress",
      { from: [{ namespaceSelector: {} }] },
      /ingress\[0\] lets in every pod at any port/,
    ],
    [
      "the internet comes to any port",
      "ingress",
      { from: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ protocol: "TCP" }] },
      /ingress\[0\] lets in 0\.0\.0\.0\/0 at any port/,
    ],
    ["it goes anywhere", "egress", { to: [] }, /egress\[0\] goes anywhere; say where to/],
    [
      "it goes to any port of the internet",
      "egress",
      { to: everywhere(LINK_LOCAL) },
      /egress\[0\] goes to 0\.0\.0\.0\/0 at any port/,
    ],
    [
      "it goes to both halves of the internet",
      "egress",
      {
        to: [{ ipBlock: { cidr: "0.0.0.0/1" } }, { ipBlock: { cidr: "128.0.0.0/1", except: [LINK_LOCAL] } }],
        ports: [{ port: 1, endPort: 65_535 }],
      },
      /egress\[0\] goes to 0\.0\.0\.0\/1, 128\.0\.0\.0\/1 at any port/,
    ],
  ]),
  {
    policy: "build-pods-isolated",
    edit: { resource: "builds-domain-policy", at: "spec.policyTypes", to: [] },
    says: /no NetworkPolicy has Egress for build pods \(lambda\.knative\.io\/build\)/,
  },
  ...opened("build-pods-isolated", BUILDS, [
    ["anybody comes in", "ingress", {}, /ingress\[0\] lets in anybody/],
    ["from nobody, which is anybody", "ingress", { from: [] }, /ingress\[0\] lets in anybody/],
    ["every pod comes in", "ingress", { from: [{ namespaceSelector: {} }] }, /ingress\[0\] lets in anybody/],
    ["its neighbours come in", "ingress", { from: [{ podSelector: {} }] }, /ingress\[0\] lets in anybody/],
    [
      "a VPC comes in",
      "ingress",
      { from: [{ ipBlock: { cidr: "10.64.0.0/12" } }], ports: [{ port: 8080 }] },
      /ingress\[0\] lets in 10\.64\.0\.0\/12/,
    ],
    [
      "half of the internet comes in",
      "ingress",
      { from: [{ ipBlock: { cidr: "0.0.0.0/1" } }] },
      /ingress\[0\] lets in 0\.0\.0\.0\/1/,
    ],
    [
      "much of the internet comes in, and nothing of the inside",
      "ingress",
      { from: [{ ipBlock: { cidr: "64.0.0.0/6" } }] },
      /ingress\[0\] lets in 64\.0\.0\.0\/6/,
    ],
    ["it goes anywhere", "egress", {}, /egress\[0\] goes anywhere/],
    [
      "it resolves names anywhere",
      "egress",
      { to: [], ports: [{ port: 53 }] },
      /egress\[0\] goes anywhere; name where to/,
    ],
    [
      "it goes to all but the metadata service",
      "egress",
      { to: everywhere(LINK_LOCAL) },
      /egress\[0\] to 0\.0\.0\.0\/0 takes in 10\.0\.0\.0\/8, 172\.16\.0\.0\/12, 192\.168\.0\.0\/16, 100\.64\.0\.0\/10;/,
    ],
    [
      "half of what lies inside is left out",
      "egress",
      { to: everywhere("10.0.0.0/9", ...INSIDE.slice(1)), ports: [{ port: 443 }] },
      /egress\[0\] to 0\.0\.0\.0\/0 takes in 10\.0\.0\.0\/8;/,
    ],
    [
      "it goes to a VPC",
      "egress",
      { to: [{ ipBlock: { cidr: "172.20.0.0/16" } }], ports: [{ port: 443 }] },
      /egress\[0\] to 172\.20\.0\.0\/16 takes in 172\.16\.0\.0\/12;/,
    ],
    [
      "it goes inside by IPv6",
      "egress",
      { to: [{ ipBlock: { cidr: "::/0" } }], ports: [{ port: 443 }] },
      /egress\[0\] to ::\/0 takes in fc00::\/7, fe80::\/10;/,
    ],
    [
      "it goes to every pod from port 53 on",
      "egress",
      { to: [{ namespaceSelector: {} }], ports: [{ port: 53, endPort: 8080 }] },
      /egress\[0\] goes to every pod/,
    ],
  ]),
  ...(
    [
      ["a policy for every pod", {}],
      ["a policy for one function's builds", { matchLabels: { [LABELS.function]: "parser" } }],
      [
        "a policy by expressions",
        {
          matchExpressions: [
            { key: LABELS.build, operator: "Exists" },
            { key: LABELS.function, operator: "In", values: ["parser"] },
            { key: "app.kubernetes.io/component", operator: "NotIn", values: ["builder"] },
            { key: "app.kubernetes.io/part-of", operator: "DoesNotExist" },
          ],
        },
      ],
    ] as const
  ).flatMap(([when, selector]) =>
    opened("build-pods-isolated", selector, [
      [
        when,
        "ingress",
        {},
        /ingress\[0\] lets in anybody; name the pods that may come: build pods are meant/,
      ],
    ]),
  ),
  {
    policy: "egress-without-metadata",
    edit: { resource: "builder-network-policy", at: "spec.egress.1.to.0.ipBlock.except", to: undefined },
    says: /egress\[1\] to 0\.0\.0\.0\/0 takes in the metadata service/,
  },
  {
    policy: "egress-without-metadata",
    when: "what is left out lies beside it",
    edit: {
      resource: "builder-network-policy",
      at: "spec.egress.1.to.0.ipBlock.except",
      to: ["169.254.170.0/24"],
    },
    says: /egress\[1\] to 0\.0\.0\.0\/0 takes in the metadata service/,
  },
  ...opened("egress-without-metadata", { matchLabels: { app: "another" } }, [
    [
      "its very address",
      "egress",
      { to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports: [{ port: 80 }] },
      /egress\[0\] to 169\.254\.169\.254\/32 takes in the metadata service/,
    ],
    [
      "half of the internet",
      "egress",
      { to: [{ ipBlock: { cidr: "0.0.0.0/1" } }, { ipBlock: { cidr: "128.0.0.0/1" } }] },
      /egress\[0\] to 128\.0\.0\.0\/1 takes in the metadata service; except 169\.254\.169\.254\/32/,
    ],
    [
      "its address of IPv6",
      "egress",
      { to: [{ ipBlock: { cidr: "fd00::/8" } }] },
      /egress\[0\] to fd00::\/8 takes in the metadata service; except fd00:ec2::254\/128/,
    ],
    ["anywhere", "egress", {}, /egress\[0\] goes anywhere; name where to/],
    ["to nobody, which is anywhere", "egress", { to: [] }, /egress\[0\] goes anywhere; name where to/],
  ]),
];
