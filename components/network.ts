import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../contract/labels";
import { subnetBlock } from "./addressPlan";

export interface NetworkArgs {
  /** An existing VPC: nothing is made, its ids are passed on. Its private subnets must reach S3 by a gateway endpoint of its own. */
  vpcId?: string | undefined;
  /** Private subnets of the existing VPC, in two zones at least. */
  privateSubnetIds?: string[] | undefined;
  /** Public subnets of the existing VPC. */
  publicSubnetIds?: string[] | undefined;
  /** Address block of the VPC, /16 to /20. A quarter of it goes to each zone's private subnet, a sixteenth to its public one. */
  cidr: string;
  /** How many of `zoneNames` are used, 2 or 3. One zone more moves nothing in those that are there. */
  zones: number;
  /** `one` saves about $33 a month for each zone, and all egress then hangs on the zone it lies in. */
  natGateways: "one" | "perZone";
  /** Private endpoints of ECR, STS and EKS Auth: about $7.30 a month for each of the four, in each zone. Not in an existing VPC. */
  interfaceEndpoints: boolean;
  region: string;
  /** Zones of the region, as `us-west-2a`. Their order decides which block each gets: another order replaces subnets. */
  zoneNames: string[];
  /** The cluster that will use the subnets. */
  clusterName: string;
  tags: Tags;
}

/** What nodes and pods ask of AWS at every start and every build. Layers come from S3, through its gateway endpoint. */
const INTERFACE_ENDPOINTS = ["ecr.api", "ecr.dkr", "sts", "eks-auth"] as const;

const INTERNET = "0.0.0.0/0";

/**
 * The VPC: private subnets for nodes and pods, public ones for NAT and for a load balancer that faces the internet. Nothing in it gets
 * a public address by itself. Plain resources, so that preview, cost and policies see each of them.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: string;
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly publicSubnetIds: pulumi.Output<string>[];

  constructor(
    private readonly name: string,
    private readonly args: NetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("knative-lambda:aws:Network", name, {}, opts);
    const problem = problemOf(args);
    if (problem !== undefined) throw new pulumi.ResourceError(problem, this);
    this.cidr = args.cidr;

    if (args.vpcId !== undefined) {
      this.vpcId = pulumi.output(args.vpcId);
      this.privateSubnetIds = (args.privateSubnetIds ?? []).map((id) => pulumi.output(id));
      this.publicSubnetIds = (args.publicSubnetIds ?? []).map((id) => pulumi.output(id));
    } else {
      const vpc = this.vpc();
      const internet = new aws.ec2.InternetGateway(
        `${name}-internet`,
        { vpcId: vpc.id, tags: this.tags("internet") },
        { parent: this },
      );
      const publicTable = this.routeTable(vpc, "public", { gatewayId: internet.id });
      let sharedNat: aws.ec2.NatGateway | undefined;
      const zones = args.zoneNames.slice(0, args.zones).map((zone, index) => {
        const publicSubnet = this.subnet(vpc, "public", zone, index, publicTable);
        const nat =
          args.natGateways === "one"
            ? (sharedNat ??= this.natGateway(zone, publicSubnet, internet))
            : this.natGateway(zone, publicSubnet, internet);
        // A table for each zone even where they share a gateway: one gateway more then changes routes, and no subnet changes its table.
        const privateTable = this.routeTable(vpc, `private-${zone}`, { natGatewayId: nat.id });
        const privateSubnet = this.subnet(vpc, "private", zone, index, privateTable);
        return { publicSubnet, privateSubnet, privateTable };
      });
      const privateSubnets = zones.map(({ privateSubnet }) => privateSubnet);
      this.s3Endpoint(vpc, [publicTable, ...zones.map(({ privateTable }) => privateTable)]);
      if (args.interfaceEndpoints) this.interfaceEndpoints(vpc, privateSubnets);

      this.vpcId = vpc.id;
      this.privateSubnetIds = privateSubnets.map(({ id }) => id);
      this.publicSubnetIds = zones.map(({ publicSubnet }) => publicSubnet.id);
    }

    this.registerOutputs({
      vpcId: this.vpcId,
      cidr: this.cidr,
      privateSubnetIds: this.privateSubnetIds,
      publicSubnetIds: this.publicSubnetIds,
    });
  }

  private vpc(): aws.ec2.Vpc {
    const { cidr } = this.args;
    const vpc = new aws.ec2.Vpc(
      `${this.name}-vpc`,
      // Private endpoints and nodes are found by name.
      { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: this.tags("vpc") },
      { parent: this },
    );
    // What names no security group gets the default one, which lets its members talk to each other and to everybody: without rules, to nobody.
    new aws.ec2.DefaultSecurityGroup(
      `${this.name}-default`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: this.tags("default-unused") },
      { parent: this },
    );
    return vpc;
  }

  private routeTable(
    vpc: aws.ec2.Vpc,
    suffix: string,
    to: { gatewayId: pulumi.Output<string> } | { natGatewayId: pulumi.Output<string> },
  ): aws.ec2.RouteTable {
    const table = new aws.ec2.RouteTable(
      `${this.name}-${suffix}`,
      { vpcId: vpc.id, tags: this.tags(suffix) },
      { parent: this },
    );
    new aws.ec2.Route(
      `${this.name}-${suffix}`,
      { routeTableId: table.id, destinationCidrBlock: INTERNET, ...to },
      { parent: this },
    );
    return table;
  }

  private subnet(
    vpc: aws.ec2.Vpc,
    kind: "public" | "private",
    zone: string,
    index: number,
    table: aws.ec2.RouteTable,
  ): aws.ec2.Subnet {
    const { clusterName } = this.args;
    const suffix = `${kind}-${zone}`;
    const made = new aws.ec2.Subnet(
      `${this.name}-${suffix}`,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock: subnetBlock(this.cidr, kind, index),
        mapPublicIpOnLaunch: false,
        tags: {
          ...this.tags(suffix),
          // By these the cluster finds where a load balancer may go.
          [kind === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb"]: "1",
          [`kubernetes.io/cluster/${clusterName}`]: "shared",
        },
      },
      { parent: this },
    );
    new aws.ec2.RouteTableAssociation(
      `${this.name}-${suffix}`,
      { subnetId: made.id, routeTableId: table.id },
      { parent: this },
    );
    return made;
  }

  private natGateway(
    zone: string,
    publicSubnet: aws.ec2.Subnet,
    internet: aws.ec2.InternetGateway,
  ): aws.ec2.NatGateway {
    const address = new aws.ec2.Eip(
      `${this.name}-nat-${zone}`,
      { domain: "vpc", tags: this.tags(`nat-${zone}`) },
      { parent: this },
    );
    return new aws.ec2.NatGateway(
      `${this.name}-nat-${zone}`,
      { allocationId: address.id, subnetId: publicSubnet.id, tags: this.tags(`nat-${zone}`) },
      // AWS refuses one in a VPC whose internet gateway isn't attached yet.
      { parent: this, dependsOn: [internet] },
    );
  }

  /** The way to S3, for nothing: sources, build contexts and every layer that ECR serves. */
  private s3Endpoint(vpc: aws.ec2.Vpc, tables: aws.ec2.RouteTable[]): void {
    new aws.ec2.VpcEndpoint(
      `${this.name}-s3`,
      {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${this.args.region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: tables.map(({ id }) => id),
        tags: this.tags("s3"),
      },
      { parent: this },
    );
  }

  private interfaceEndpoints(vpc: aws.ec2.Vpc, subnets: aws.ec2.Subnet[]): void {
    // Without egress rules: an endpoint only answers.
    const group = new aws.ec2.SecurityGroup(
      `${this.name}-endpoints`,
      { vpcId: vpc.id, description: "Private endpoints of AWS services", tags: this.tags("endpoints") },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${this.name}-endpoints-https`,
      {
        securityGroupId: group.id,
        description: "HTTPS from the VPC",
        cidrIpv4: this.cidr,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        tags: this.tags("endpoints-https"),
      },
      { parent: this },
    );
    for (const service of INTERFACE_ENDPOINTS)
      new aws.ec2.VpcEndpoint(
        `${this.name}-${service}`,
        {
          vpcId: vpc.id,
          serviceName: `com.amazonaws.${this.args.region}.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: subnets.map(({ id }) => id),
          securityGroupIds: [group.id],
          tags: this.tags(service),
        },
        { parent: this },
      );
  }

  private tags(suffix: string): Tags {
    const { clusterName, tags } = this.args;
    return { ...tags, Name: `${clusterName}-${suffix}` };
  }
}

function problemOf({
  vpcId,
  privateSubnetIds,
  interfaceEndpoints,
  zones,
  zoneNames,
}: NetworkArgs): string | undefined {
  if (vpcId !== undefined) {
    if (privateSubnetIds === undefined)
      return `${vpcId} is given without its private subnets; name privateSubnetIds`;
    return interfaceEndpoints
      ? `${vpcId} exists, and no endpoint is made in it; turn interfaceEndpoints off`
      : undefined;
  }
  return zoneNames.length < zones
    ? `the region has ${zoneNames.length} zones and network.zones asks for ${zones}; lower it`
    : undefined;
}
