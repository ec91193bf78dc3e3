/**
 * An IAM policy as a plain value: it holds nothing that AWS tells only afterwards, so that a person and a policy pack
 * read in a preview what will be in force.
 */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

export interface Statement {
  /** What the statement is for. Letters and digits only. */
  Sid: string;
  Effect: "Allow";
  /** Trust policies only: who may do it. */
  Principal?: { AWS: string } | { Service: string };
  Action: string[];
  /** Policies of an identity only: on what, by ARN. */
  Resource?: string[];
  /** By operator, then by key. */
  Condition?: Record<string, Record<string, string>>;
}

export const allow = (Sid: string, Action: readonly string[], Resource: readonly string[]): Statement => ({
  Sid,
  Effect: "Allow",
  Action: [...Action],
  Resource: [...Resource],
});

/** A policy of these statements. One about no resource at all is left out: IAM refuses an empty list. */
export const policyDocument = (...statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements.filter(({ Resource }) => Resource === undefined || Resource.length > 0),
});
