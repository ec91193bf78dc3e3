import assert from "node:assert/strict";
import {
  addressOf,
  anywhere,
  dns,
  internal,
  isNamedHttps,
  publicHttps,
  tcp,
  toAddress,
} from "../../components/networkRules";
import { permits } from "../support/networkPolicy";

describe("network rules", () => {
  it("open HTTPS to the internet and to nothing inside", () => {
    const rules = [publicHttps()];
    assert.ok(permits(rules, "140.82.112.3", 443));
    for (const inside of [
      "10.0.0.1",
      "172.20.0.1",
      "192.168.1.1",
      "100.64.0.1",
      "169.254.169.254",
      "169.254.170.23",
      "127.0.0.1",
    ])
      assert.equal(permits(rules, inside, 443), false, inside);
    assert.equal(permits(rules, "140.82.112.3", 80), false);
  });

  it("shut a VPC of public addresses too", () => {
    assert.ok(permits([publicHttps()], "52.10.0.1", 443));
    assert.equal(permits([publicHttps("52.10.0.0/16")], "52.10.0.1", 443), false);
  });

  it("name no block twice", () => {
    assert.deepEqual(publicHttps("10.20.0.0/16"), publicHttps());
    assert.notDeepEqual(publicHttps("9.0.0.0/16"), publicHttps());
  });

  it("resolve names inside and never outside", () => {
    for (const resolver of ["172.20.0.10", "10.0.0.2", "169.254.20.10", "169.254.169.253"])
      assert.ok(permits([dns()], resolver, 53, "UDP") && permits([dns()], resolver, 53, "TCP"), resolver);
    assert.equal(permits([dns()], "8.8.8.8", 53, "UDP"), false);
    assert.equal(permits([dns()], "172.20.0.10", 443), false);
    assert.match(JSON.stringify(dns()), /"kube-system"/);
  });

  it("keep the instance's metadata shut even where everything else is open", () => {
    assert.ok(permits([anywhere([tcp(443)])], "10.0.0.1", 443));
    assert.equal(permits([anywhere([tcp(443)])], "169.254.169.254", 443), false);
    assert.equal(permits([internal([tcp()])], "169.254.169.254", 80), false);
    assert.ok(permits([internal([tcp()])], "10.3.4.5", 9000));
  });

  it("open one address where a service is numbered, and one port where it is named", () => {
    const numbered = toAddress(addressOf("10.244.77.2:5000"));
    assert.ok(permits([numbered], "10.244.77.2", 5000));
    assert.equal(permits([numbered], "10.244.77.3", 5000), false);
    assert.equal(permits([numbered], "10.244.77.2", 5001), false);
    const named = toAddress(addressOf("http://minio.example.com:9000"));
    assert.ok(permits([named], "10.1.1.1", 9000));
    assert.equal(permits([named], "10.1.1.1", 443), false);
  });

  for (const [text, insecure, expected] of [
    ["registry.example.com", false, { host: "registry.example.com", port: 443 }],
    ["registry.example.com", true, { host: "registry.example.com", port: 80 }],
    ["registry.example.com:5000", false, { host: "registry.example.com", port: 5000 }],
    ["10.244.77.2:5000", true, { host: "10.244.77.2", port: 5000 }],
    ["http://10.244.77.1:15555", false, { host: "10.244.77.1", port: 15555 }],
    ["https://minio.example.com", false, { host: "minio.example.com", port: 443 }],
    ["http://minio.example.com", false, { host: "minio.example.com", port: 80 }],
  ] as const)
    it(`read ${text}${insecure ? " (insecure)" : ""} as ${expected.host}, port ${expected.port}`, () => {
      assert.deepEqual(addressOf(text, insecure), expected);
    });

  it("tell a name at HTTPS' port from what needs a rule of its own", () => {
    assert.equal(isNamedHttps({ host: "registry.example.com", port: 443 }), true);
    assert.equal(isNamedHttps({ host: "registry.example.com", port: 5000 }), false);
    assert.equal(isNamedHttps({ host: "10.1.2.3", port: 443 }), false);
  });
});
