export * from "./arn";
export * from "./cidr";
export * from "./distinct";
export * from "./duration";
export * from "./imageReference";
export * from "./names";
export * from "./quantity";
