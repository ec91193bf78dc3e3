import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import { AddressGuard, placeOf, type Address } from "../../../../builder/source/address/addressGuard";
import { GuardedAgents } from "../../../../builder/source/address/guardedAgents";
import { request } from "../../../../builder/source/address/request";
import { InfrastructureError } from "../../../../builder/types";
import { userError } from "../support/trees";

describe("where an address lies", () => {
  for (const [place, addresses] of [
    ["public", ["1.1.1.1", "52.216.0.1", "2600:1f18::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]],
    [
      "internal",
      [
        "10.0.0.1",
        "172.20.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "127.9.9.9",
        "100.64.0.1",
        "::1",
        "fd12:3456::1",
        "::ffff:10.0.0.1",
        "::ffff:7f00:1",
        "64:ff9b::a00:1",
      ],
    ],
    [
      "nowhere",
      [
        "169.254.169.254",
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1::101:101",
        "4000::1",
        "2002:a9fe:a9fe::1",
        "2002:7f00:1::",
        "2001:0:a9fe:a9fe::",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::7f00:1",
        "::a9fe:a9fe",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "ff02::1",
        "localhost",
        "",
      ],
    ],
  ] as const)
    for (const address of addresses)
      it(`is ${place} for ${JSON.stringify(address)}`, () => {
        assert.equal(placeOf(address), place);
      });
});

describe("the guard of addresses", () => {
  const names: Record<string, Address[]> = {
    "public.example.com": [{ address: "1.1.1.1", family: 4 }],
    "minio.minio": [{ address: "10.0.0.7", family: 4 }],
    "git.internal.example.com": [{ address: "10.0.0.8", family: 4 }],
    "two.example.com": [
      { address: "1.1.1.1", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ],
    "metadata.internal.example.com": [{ address: "169.254.169.254", family: 4 }],
  };
  const guard = new AddressGuard({
    internalHosts: ["Minio.minio", "*.internal.example.com", "127.0.0.1"],
    resolve: (host) => Promise.resolve(names[host] ?? []),
  });

  it("lets public hosts through, and those inside that are listed", async () => {
    assert.deepEqual(await guard.addresses("PUBLIC.example.com."), names["public.example.com"]);
    assert.deepEqual(await guard.addresses("minio.minio"), names["minio.minio"]);
    assert.deepEqual(await guard.addresses("git.internal.example.com"), names["git.internal.example.com"]);
    assert.deepEqual(await guard.addresses("127.0.0.1"), [{ address: "127.0.0.1", family: 4 }]);
  });

  for (const [host, message] of [
    ["10.0.0.7", /inside the cluster or the VPC; sources.internalHosts .* doesn't list it/],
    ["[::1]", /inside the cluster/],
    ["two.example.com", /inside the cluster/],
    ["169.254.169.254", /no source may come from/],
    ["metadata.internal.example.com", /no source may come from/],
  ] as const)
    it(`refuses ${host}`, async () => {
      await assert.rejects(
        guard.addresses(host, "spec.source.git.url"),
        userError(message, "SourceAddressRefused", "spec.source.git.url"),
      );
    });

  it("takes a pattern for hosts below it only", () => {
    assert.equal(guard.isInternal("a.b.internal.example.com"), true);
    assert.equal(guard.isInternal("internal.example.com"), false);
    assert.equal(guard.isInternal("evilinternal.example.com"), false);
    assert.equal(guard.isInternal("minio.minio.example.com"), false);
  });

  it("calls a host without an address out of reach, as it may have one soon", async () => {
    const none = guard.addresses("gone.example.com");
    await assert.rejects(
      none,
      (error) => error instanceof InfrastructureError && error.reason === "SourceUnreachable",
    );
    const failing = new AddressGuard({
      internalHosts: [],
      resolve: () => Promise.reject(Object.assign(new Error("x"), { code: "EAI_AGAIN" })),
    });
    await assert.rejects(failing.addresses("a.example.com"), /a.example.com can't be resolved: EAI_AGAIN/);
  });
});

describe("a request over checked addresses", () => {
  let server: Server;
  let asked: string[] = [];
  const port = () => (server.address() as AddressInfo).port;
  const { signal } = new AbortController();

  before((done) => {
    server = createServer((message, answer) => {
      asked.push(message.headers.host ?? "");
      answer.end("hello");
    });
    server.listen(0, "127.0.0.1", done);
  });
  beforeEach(() => (asked = []));
  after((done) => {
    server.close(done);
    server.closeAllConnections();
  });

  const agents = (guard: AddressGuard) => new GuardedAgents(guard, "spec.source.git.url");

  it("connects to the address that was checked, whatever the name points to a moment later", async () => {
    const answers = ["127.0.0.1", "169.254.169.254"];
    let resolved = 0;
    const guard = new AddressGuard({
      internalHosts: ["rebinding.example.com"],
      resolve: () => Promise.resolve([{ address: answers[resolved++] ?? "", family: 4 }]),
    });
    const used = agents(guard);
    const url = new URL(`http://rebinding.example.com:${port()}/`);
    const response = await request({ url, method: "GET" }, used, signal);
    assert.equal(await text(Readable.from(response.body)), "hello");
    assert.deepEqual([asked, resolved], [[`rebinding.example.com:${port()}`], 1]);
    used.destroy();
    await assert.rejects(request({ url, method: "GET" }, agents(guard), signal), /no source may come from/);
    assert.equal(asked.length, 1);
  });

  for (const host of [
    "127.0.0.1",
    "localhost",
    "LOCALHOST.",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "2130706433",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "127.0.0.1.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
  ])
    it(`doesn't reach the loopback by ${host}`, async () => {
      const used = agents(new AddressGuard({ internalHosts: [] }));
      await assert.rejects(
        request({ url: new URL(`http://${host}:${port()}/`), method: "GET" }, used, signal),
        userError(/inside the cluster/, "SourceAddressRefused", "spec.source.git.url"),
      );
      await assert.rejects(
        request({ url: new URL(`https://${host}:${port()}/`), method: "GET" }, used, signal),
        userError(/inside the cluster/, "SourceAddressRefused", "spec.source.git.url"),
      );
      assert.deepEqual(asked, []);
    });

  for (const host of [
    "0",
    "0.0.0.0",
    "[::]",
    "[::127.0.0.1]",
    "0xa9fea9fe",
    "[::ffff:a9fe:a9fe]",
    "[fd00:ec2::254]",
  ])
    it(`goes nowhere by ${host}, listed or not`, async () => {
      const used = agents(new AddressGuard({ internalHosts: [host, new URL(`http://${host}`).hostname] }));
      await assert.rejects(
        request({ url: new URL(`http://${host}:${port()}/`), method: "GET" }, used, signal),
        userError(/no source may come from/, "SourceAddressRefused", "spec.source.git.url"),
      );
      assert.deepEqual(asked, []);
    });

  it("reaches a Service of the cluster by no name that the settings don't list", async () => {
    const services: Record<string, string> = {
      "kubernetes.default.svc": "172.20.0.1",
      "registry.kube-system.svc.cluster.local": "10.96.0.10",
      "harmless.example.com": "100.64.3.4",
      "harmless-too.example.com": "fd12:3456::1",
    };
    const guard = new AddressGuard({
      internalHosts: ["minio.minio.svc.cluster.local", "*.internal.example.com"],
      resolve: (name) => Promise.resolve([{ address: services[name] ?? "", family: 4 }]),
    });
    for (const name of Object.keys(services))
      await assert.rejects(
        request({ url: new URL(`http://${name}:${port()}/`), method: "GET" }, agents(guard), signal),
        userError(/inside the cluster or the VPC/, "SourceAddressRefused", "spec.source.git.url"),
      );
  });

  it("fails as something around it, with the host, where nothing listens", async () => {
    const used = agents(new AddressGuard({ internalHosts: ["127.0.0.1"] }));
    await assert.rejects(
      request({ url: new URL("http://127.0.0.1:1/"), method: "GET" }, used, signal),
      (error) => error instanceof InfrastructureError && /127\.0\.0\.1:1: .*ECONNREFUSED/.test(error.message),
    );
  });

  it("fails with what called it off", async () => {
    const used = agents(new AddressGuard({ internalHosts: ["127.0.0.1"] }));
    const off = new AbortController();
    const reason = new Error("deleted");
    off.abort(reason);
    await assert.rejects(
      request({ url: new URL(`http://127.0.0.1:${port()}/`), method: "GET" }, used, off.signal),
      reason,
    );
  });
});
