import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ImageNames } from "../contract/imageNames";
import type { Tags } from "../contract/labels";
import type { Duration } from "../settings";
import { type Kind, kinds } from "./ecr/kinds";
import { repositoryPaths } from "./ecr/paths";
import {
  repositoryArn,
  type RepositoryArns,
  repositoryCreationPolicy,
  roleNameProblem,
  serviceTrust,
} from "./iam";

export interface ImageRepositoriesArgs {
  /** Where the stack's images lie. Two stacks of one account and region need different paths. */
  names: ImageNames;
  /** Prefix of the pull-through cache of ECR Public. */
  pullThroughPrefix: string;
  /** Days that a function's image is kept, unless it carries a `live-` tag. */
  retentionDays: number;
  /** Days that a cached layer is kept. Storage costs $0.10 per GB and month. @default `cacheTTL` in days, rounded up, and one more */
  cacheExpiryDays?: number | undefined;
  /** Age at which Kaniko takes a cached layer for a miss. */
  cacheTTL: Duration;
  /** `shared`: one cache for all namespaces, in which whoever can build can plant a layer for another's image. */
  cacheScope: "namespace" | "shared";
  /** Namespaces whose repositories are made here. Those of later ones are made on their first push, likewise. */
  namespaces: string[];
  region: string;
  /** 12 digits. */
  account: string;
  /** Name of the role with which ECR tags the repositories that it makes itself. */
  creationRoleName: string;
  /** Set what ECR has one of per account and region: blob mounting, and scanning on push. For one stack of them. */
  ownsRegistrySettings: boolean;
  /** Refuse to delete function images and the builder's. The cache is never protected: the next builds fill it again. */
  protect: boolean;
  tags: Tags;
}

/** The same for all: ECR mounts a layer of one repository in another only if both are encrypted alike. */
const encryptionConfigurations = [{ encryptionType: "AES256" }];

/**
 * ECR's repositories: layer caches and function images, one for each namespace; the builder's own; base images from ECR Public.
 * Those that ECR makes itself, for later namespaces and for base images, are not the stack's: `pulumi destroy` leaves them.
 */
export class ImageRepositories extends pulumi.ComponentResource {
  readonly names: ImageNames;
  /** Known in a preview. */
  readonly arns: RepositoryArns;

  constructor(name: string, args: ImageRepositoriesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:aws:ImageRepositories", name, {}, opts);
    const { names, pullThroughPrefix, cacheScope, namespaces, creationRoleName } = args;
    const paths = repositoryPaths(names, pullThroughPrefix);
    if (typeof paths === "string") throw new pulumi.ResourceError(paths, this);
    const problem = roleNameProblem(creationRoleName);
    if (problem !== undefined) throw new pulumi.ResourceError(problem, this);

    const { cache, functions, builder, pullThrough, baseImages } = paths;
    const perNamespace = cacheScope === "namespace";
    const below = (path: string) => repositoryArn(args, `${path}/*`);
    const kind = kinds(args);
    this.names = names;
    this.arns = {
      cache: cache === undefined ? [] : [perNamespace ? below(cache) : repositoryArn(args, cache)],
      functions: [below(functions)],
      builder: repositoryArn(args, builder),
      pullThrough: [below(pullThrough)],
      baseImages: baseImages.map((path) => repositoryArn(args, path)),
    };

    this.repository(`${name}-builder`, builder, kind.builder);
    for (const namespace of namespaces)
      this.repository(`${name}-functions-${namespace}`, `${functions}/${namespace}`, kind.functions);
    if (cache !== undefined && perNamespace)
      for (const namespace of namespaces)
        this.repository(`${name}-cache-${namespace}`, `${cache}/${namespace}`, kind.cache);
    if (cache !== undefined && !perNamespace) this.repository(`${name}-cache`, cache, kind.cache);

    const creation = this.creationRole(name, creationRoleName, args);
    this.template(`${name}-functions-template`, functions, "CREATE_ON_PUSH", kind.functions, creation);
    if (cache !== undefined && perNamespace)
      this.template(`${name}-cache-template`, cache, "CREATE_ON_PUSH", kind.cache, creation);
    const pulledThrough = this.template(
      `${name}-base-images-template`,
      pullThrough,
      "PULL_THROUGH_CACHE",
      kind.baseImages,
      creation,
    );
    new aws.ecr.PullThroughCacheRule(
      `${name}-base-images`,
      // ECR Public has Docker's official images and asks for no credential.
      { ecrRepositoryPrefix: pullThrough, upstreamRegistryUrl: "public.ecr.aws" },
      // A repository that a pull made before the template would never get what the template says.
      { parent: this, dependsOn: [pulledThrough] },
    );
    if (args.ownsRegistrySettings) this.registrySettings(name);

    this.registerOutputs({ arns: this.arns });
  }

  private repository(name: string, path: string, kind: Kind): void {
    const { mutability, scanOnPush, lifecycle, protect, tags } = kind;
    const repository = new aws.ecr.Repository(
      name,
      {
        name: path,
        ...mutability,
        imageScanningConfiguration: { scanOnPush },
        encryptionConfigurations,
        // ECR deletes no repository with images in it unless it is told to. What is not protected may go with them.
        forceDelete: !protect,
        tags: { ...tags, Name: path },
      },
      { parent: this, protect },
    );
    new aws.ecr.LifecyclePolicy(
      `${name}-lifecycle`,
      { repository: repository.name, policy: lifecycle },
      { parent: this },
    );
  }

  /** How ECR makes a repository below a prefix. A template can't turn on scanning: that is a setting of the registry. */
  private template(
    name: string,
    prefix: string,
    appliedFor: "CREATE_ON_PUSH" | "PULL_THROUGH_CACHE",
    { mutability, lifecycle, tags }: Kind,
    creation: { roleArn: pulumi.Output<string>; rights: aws.iam.RolePolicy },
  ): aws.ecr.RepositoryCreationTemplate {
    return new aws.ecr.RepositoryCreationTemplate(
      name,
      {
        prefix,
        description: `Repositories below ${prefix}, made by ECR`,
        appliedFors: [appliedFor],
        ...mutability,
        encryptionConfigurations,
        lifecyclePolicy: lifecycle,
        resourceTags: tags,
        customRoleArn: creation.roleArn,
      },
      { parent: this, dependsOn: [creation.rights] },
    );
  }

  /** The role without which ECR puts no tags on a repository that it makes. Templates are all that uses it. */
  private creationRole(name: string, roleName: string, { tags, cacheScope }: ImageRepositoriesArgs) {
    // The one shared cache is made here.
    const policy = repositoryCreationPolicy(
      cacheScope === "shared" ? { ...this.arns, cache: [] } : this.arns,
    );
    const role = new aws.iam.Role(
      `${name}-creation-role`,
      {
        name: roleName,
        description: "Repositories that ECR makes on a first push or pull",
        assumeRolePolicy: JSON.stringify(serviceTrust("ecr.amazonaws.com")),
        tags: { ...tags, Name: roleName },
      },
      { parent: this },
    );
    const rights = new aws.iam.RolePolicy(
      `${name}-creation-policy`,
      { name: roleName, role: role.name, policy: JSON.stringify(policy) },
      { parent: this },
    );
    return { roleArn: role.arn, rights };
  }

  private registrySettings(name: string): void {
    new aws.ecr.AccountSetting(
      `${name}-blob-mounting`,
      { name: "BLOB_MOUNTING", value: "ENABLED" },
      { parent: this },
    );
    new aws.ecr.RegistryScanningConfiguration(
      `${name}-scanning`,
      {
        // Costs nothing; ENHANCED is Amazon Inspector's, with a price for each image.
        scanType: "BASIC",
        rules: [
          {
            scanFrequency: "SCAN_ON_PUSH",
            // The registry has one configuration: narrowed to this stack's paths, it would end the scanning of all others.
            repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }],
          },
        ],
      },
      { parent: this },
    );
  }
}
