export * from "./arn";
export * from "./cidr";
export * from "./duration";
export * from "./imageReference";
export * from "./names";
export * from "./quantity";
