// Pulumi's wire form of special values, and helpers to take them off before a call to a real API.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isSpecial = (value) => typeof value === "object" && value !== null && SIGNATURE in value;

/** The plain value below secrets and outputs; undefined where it is not known yet. */
function plain(value) {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value.map(plain);
  if (isSpecial(value)) return plain(value.value);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== "__defaults" && key !== "__internal")
        .map(([key, item]) => [key, plain(item)]),
    );
  }
  return value;
}

function hasUnknown(value) {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (isSpecial(value)) return value.value === undefined || hasUnknown(value.value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** JSON with sorted keys, so that two equal values have one text. */
const canonical = (value) =>
  JSON.stringify(value, (_key, item) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

const nameOf = (urn) => urn.split("::").slice(3).join("::");
const typeOf = (urn) => urn.split("::")[2].split("$").pop();

module.exports = { plain, hasUnknown, canonical, nameOf, typeOf };
