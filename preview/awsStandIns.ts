import type { AnswerCall } from "./recordingMonitor";

/** The account of AWS's own documentation: no one's. */
export const STAND_IN_ACCOUNT = "123456789012";

/** Zones that stand in for those of a region. */
export const standInZones = (region: string): string[] =>
  ["a", "b", "c"].map((letter) => `${region}${letter}`);

/** Answers what the program asks of AWS, without AWS. Throws on a call that it has no answer for. */
export const awsStandIns =
  (region: string): AnswerCall =>
  ({ token }) => {
    switch (token) {
      case "aws:index/getCallerIdentity:getCallerIdentity":
        return {
          id: STAND_IN_ACCOUNT,
          accountId: STAND_IN_ACCOUNT,
          arn: `arn:aws:iam::${STAND_IN_ACCOUNT}:user/offline-preview`,
          userId: "AIDAOFFLINEPREVIEW",
        };
      case "aws:index/getAvailabilityZones:getAvailabilityZones":
        return {
          id: region,
          region,
          names: standInZones(region),
          zoneIds: standInZones(region),
          groupNames: [region],
        };
      case "aws:index/getPartition:getPartition":
        return {
          id: "aws",
          partition: "aws",
          dnsSuffix: "amazonaws.com",
          reverseDnsPrefix: "com.amazonaws",
        };
      default:
        throw new Error(`the offline preview has no answer for the call of ${token}`);
    }
  };
