import assert from "node:assert/strict";
import { MALFORMED_SPECS } from "../../strangers/malformedSpecs";
import { REFUSED_SPECS } from "../../strangers/refusedSpecs";
import { HARMLESS_SPEC } from "../../strangers/specs";
import { all, COMMAND, FUNCTIONS_PATH, listeningIntake } from "./support/clusterOfRights";

const CREATE = `${COMMAND}service.create`;

interface Refused {
  error: string;
  message: string;
  mistakes: { field: string; message: string }[];
}

describe("the intake, of hostile specs", () => {
  let intake: Awaited<ReturnType<typeof listeningIntake>>;
  before(async () => (intake = await listeningIntake(all("ci"))));
  after(() => intake.close());

  const functions = () => [...intake.api.objects.keys()].filter((path) => path.startsWith(FUNCTIONS_PATH));
  const send = (name: string, spec: unknown) => intake.send(CREATE, { metadata: { name }, spec });

  for (const { what, spec, field } of MALFORMED_SPECS)
    it(`refuses a spec ${what}`, async () => {
      const response = await send("hostile", spec);
      assert.equal(response.status, 400);
      const { error, message, mistakes } = (await response.json()) as Refused;
      assert.equal(error, "Invalid");
      const wanted = field === "" ? "data.spec" : `data.spec.${field}`;
      const named = mistakes.filter((mistake) => mistake.field === wanted);
      assert.ok(named.length > 0, `${wanted} is not named in: ${message.slice(0, 1000)}`);
      for (const mistake of mistakes) assert.ok(mistake.message.length > 3 && mistake.message.length < 500);
      assert.ok(message.length < 25_000, "an answer that can be read");
      assert.deepEqual(functions(), []);
    });

  it("refuses the same to a function that is there, and changes nothing of it", async () => {
    assert.equal((await send("there", HARMLESS_SPEC)).status, 202);
    const stored = JSON.stringify([...intake.api.objects]);
    for (const { spec, what } of MALFORMED_SPECS)
      assert.equal((await send("there", spec)).status, 400, `a spec ${what}`);
    assert.equal(JSON.stringify([...intake.api.objects]), stored);
  });

  it("stores what is well-formed, which the reconciler refuses", async () => {
    for (const [at, { spec, what }] of REFUSED_SPECS.entries())
      assert.equal((await send(`refused-${at}`, spec)).status, 202, `a spec ${what}`);
  });

  it("is up after all of them", async () => {
    assert.equal((await send("harmless", HARMLESS_SPEC)).status, 202);
  });
});
