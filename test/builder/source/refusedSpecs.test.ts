import assert from "node:assert/strict";
import { functionSpec } from "../../../contract/function/spec";
import { TEMPLATE_VERSION } from "../../../builder/build/templateVersion";
import { imageOf } from "../../../builder/reconcile/imageSource";
import { PrepareBuild } from "../../../builder/reconcile/prepareBuild";
import type { Registries } from "../../../builder/registry/registries";
import { UserError } from "../../../builder/types";
import { environmentFor } from "../reconcile/support/environment";
import { REFUSED_SPECS } from "../../strangers/refusedSpecs";
import { fetcherFor } from "./support/fetchers";
import { everythingIn, workFolder } from "./support/trees";

/** What the API server stores, as its definition allows it, and a build is never made of. */
describe("a stored spec that nobody should build", () => {
  const folder = workFolder();
  const { signal } = new AbortController();
  const asked: string[] = [];

  /** A registry with the platform's own images and no others. */
  const registries = {
    pinned: (image: string) => Promise.resolve(image.includes("3.13") ? image : undefined),
    platform: () => {
      asked.push("registry");
      throw new Error("a build's image was asked for");
    },
  } as unknown as Registries;

  const prepare = () =>
    new PrepareBuild({
      environment: environmentFor("registry.example.com"),
      fetcher: fetcherFor(folder(), {
        internalHosts: [],
        resolve: (host) => {
          asked.push(host);
          return Promise.reject(Object.assign(new Error("no network in this test"), { code: "ENOTFOUND" }));
        },
      }),
      contexts: {
        keep: () => {
          asked.push("context");
          return Promise.resolve();
        },
      },
      registries,
      readSecret: () => Promise.resolve(undefined),
      templateVersion: TEMPLATE_VERSION,
      now: () => new Date(0),
      wake: () => undefined,
    });

  for (const { what, spec, field, reason } of REFUSED_SPECS)
    it(`is refused ${what}`, async () => {
      asked.length = 0;
      const fn = { metadata: { namespace: "team-a", name: "hostile" }, spec: functionSpec.parse(spec) };
      const { image } = fn.spec.source;
      const about = { registries, registry: "registry.example.com", namespace: "team-a", signal };
      const refused = image === undefined ? prepare().prepare(fn, signal) : imageOf(image, about);
      await assert.rejects(refused, (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.deepEqual([error.reason, error.field], [reason, `spec.${field}`], error.message);
        assert.ok(error.message.length > 10 && error.message.length < 500, error.message);
        return true;
      });
      assert.deepEqual(asked, [], "nobody was asked, and nothing was stored");
      assert.deepEqual(await everythingIn(folder()), []);
    });
});
