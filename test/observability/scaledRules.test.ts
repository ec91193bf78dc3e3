import assert from "node:assert/strict";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import { scaledQuery, scaledRules } from "./scaledRules";

describe("rules, scaled for a test", () => {
  it("have windows so many times as short, and the same names and numbers", () => {
    assert.equal(
      scaledQuery("platform:x:error_ratio_1h > 14.4 and on () (round(sum(increase(x_count[1h]))) >= 20)", 60),
      "platform:x:error_ratio_1h > 14.4 and on () (round(sum(increase(x_count[60s]))) >= 20)",
    );
    assert.equal(scaledQuery("rate(x[5m]) / rate(y[3d])", 60), "rate(x[5s]) / rate(y[4320s])");
  });

  it("differ from the shipped ones in nothing else", () => {
    const text = (groups: unknown) =>
      JSON.stringify(groups).replaceAll(/\[\d+[smhd]\]|"for":"\d+[smhd]"/g, "");
    const shipped = [...recordingRules(), ...alerts()];
    assert.equal(text(scaledRules(shipped, 60)), text(shipped));
    assert.notDeepEqual(scaledRules(shipped, 60), shipped);
  });
});
