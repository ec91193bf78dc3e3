import assert from "node:assert/strict";
import { Network, type NetworkArgs } from "../../components/network";
import { tags } from "../../contract/labels";
import { record, valueOf } from "../support/record";

const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
const args: NetworkArgs = {
  cidr: "10.0.0.0/16",
  zones: 3,
  natGateways: "perZone",
  interfaceEndpoints: false,
  region: "us-west-2",
  zoneNames: ZONES,
  clusterName: "knative-lambda-test",
  tags: tags("test"),
};
const recorded = (changes: Partial<NetworkArgs> = {}) =>
  record(() => new Network("network", { ...args, ...changes }));

const SUBNET = "aws:ec2/subnet:Subnet";
const ROUTE = "aws:ec2/route:Route";
const NAT = "aws:ec2/natGateway:NatGateway";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
/** Types that AWS has no tags for. */
const UNTAGGED = [ROUTE, "aws:ec2/routeTableAssociation:RouteTableAssociation", "knative-lambda:aws:Network"];

describe("Network", () => {
  it("makes exactly the VPC, its subnets and the ways out, in each zone", async () => {
    const perZone = (zone: string) => [
      `aws:ec2/eip:Eip network-nat-${zone}`,
      `aws:ec2/natGateway:NatGateway network-nat-${zone}`,
      `aws:ec2/route:Route network-private-${zone}`,
      `aws:ec2/routeTable:RouteTable network-private-${zone}`,
      `aws:ec2/routeTableAssociation:RouteTableAssociation network-private-${zone}`,
      `aws:ec2/routeTableAssociation:RouteTableAssociation network-public-${zone}`,
      `aws:ec2/subnet:Subnet network-private-${zone}`,
      `aws:ec2/subnet:Subnet network-public-${zone}`,
    ];
    assert.deepEqual(
      (await recorded()).list().split("\n"),
      [
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network-default",
        "aws:ec2/internetGateway:InternetGateway network-internet",
        "aws:ec2/route:Route network-public",
        "aws:ec2/routeTable:RouteTable network-public",
        "aws:ec2/vpc:Vpc network-vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint network-s3",
        "knative-lambda:aws:Network network",
        ...ZONES.flatMap(perZone),
      ].sort(),
    );
  });

  it("gives nothing a public address by itself", async () => {
    for (const { inputs } of (await recorded()).all(SUBNET))
      assert.equal(inputs["mapPublicIpOnLaunch"], false);
  });

  it("lets private subnets out through NAT only, and public ones through the internet gateway", async () => {
    const routes = (await recorded()).all(ROUTE);
    for (const { name, inputs } of routes) {
      assert.equal(inputs["destinationCidrBlock"], "0.0.0.0/0");
      const isPublic = name === "network-public";
      assert.equal("gatewayId" in inputs, isPublic, name);
      assert.equal("natGatewayId" in inputs, !isPublic, name);
    }
    assert.equal(routes.length, 4);
  });

  it("sends each zone through the NAT gateway of its own, which lies in its public subnet", async () => {
    const all = await recorded();
    for (const zone of ZONES) {
      const nat = all.one(NAT, `network-nat-${zone}`);
      assert.ok(nat.dependencies.includes(all.one(SUBNET, `network-public-${zone}`).urn));
      assert.ok(nat.dependencies.includes(all.one("aws:ec2/internetGateway:InternetGateway").urn));
      assert.ok(all.one(ROUTE, `network-private-${zone}`).dependencies.includes(nat.urn));
    }
  });

  it("sends all zones through one NAT gateway when asked to, each by a table of its own", async () => {
    const all = await recorded({ natGateways: "one" });
    const nat = all.one(NAT);
    assert.equal(nat.name, "network-nat-us-west-2a");
    assert.equal(all.all("aws:ec2/eip:Eip").length, 1);
    for (const zone of ZONES)
      assert.ok(all.one(ROUTE, `network-private-${zone}`).dependencies.includes(nat.urn));
  });

  it("tags subnets so that load balancers find them: public ones for the internet, private ones for inside", async () => {
    for (const { name, inputs } of (await recorded()).all(SUBNET)) {
      const given = inputs["tags"] as Record<string, string>;
      const isPublic = name.includes("public");
      assert.equal(given["kubernetes.io/role/elb"], isPublic ? "1" : undefined);
      assert.equal(given["kubernetes.io/role/internal-elb"], isPublic ? undefined : "1");
      assert.equal(given["kubernetes.io/cluster/knative-lambda-test"], "shared");
    }
  });

  it("uses the zones that it is told to, and moves none when one is added", async () => {
    const blocks = async (zones: number) =>
      (await recorded({ zones }))
        .all(SUBNET)
        .map(({ name, inputs }) => `${name} ${String(inputs["cidrBlock"])}`);
    const [two, three] = [await blocks(2), await blocks(3)];
    assert.equal(two.length, 4);
    assert.deepEqual(
      two.filter((subnet) => !three.includes(subnet)),
      [],
    );
  });

  it("leaves the default security group without a rule", async () => {
    const { inputs } = (await recorded()).one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    assert.deepEqual(inputs["ingress"], []);
    assert.deepEqual(inputs["egress"], []);
  });

  it("reaches S3 from every subnet without NAT", async () => {
    const all = await recorded();
    const endpoint = all.one(ENDPOINT);
    assert.equal(endpoint.inputs["serviceName"], "com.amazonaws.us-west-2.s3");
    assert.equal(endpoint.inputs["vpcEndpointType"], "Gateway");
    const tables = all.all("aws:ec2/routeTable:RouteTable").map(({ urn }) => urn);
    assert.equal(tables.length, 4);
    for (const table of tables) assert.ok(endpoint.dependencies.includes(table));
  });

  it("makes interface endpoints only when asked to, open to the VPC on 443 and to nobody else", async () => {
    const without = await recorded();
    assert.deepEqual(without.all("aws:ec2/securityGroup:SecurityGroup"), []);

    const all = await recorded({ interfaceEndpoints: true });
    const interfaces = all.all(ENDPOINT).filter(({ inputs }) => inputs["vpcEndpointType"] === "Interface");
    assert.deepEqual(
      interfaces.map(({ inputs }) => inputs["serviceName"]),
      ["ecr.api", "ecr.dkr", "sts", "eks-auth"].map((service) => `com.amazonaws.us-west-2.${service}`),
    );
    const group = all.one("aws:ec2/securityGroup:SecurityGroup");
    assert.equal("ingress" in group.inputs, false);
    assert.equal("egress" in group.inputs, false);
    for (const endpoint of interfaces) {
      assert.equal(endpoint.inputs["privateDnsEnabled"], true);
      assert.equal((endpoint.inputs["subnetIds"] as unknown[]).length, 3);
      assert.ok(endpoint.dependencies.includes(group.urn));
    }
    const { inputs } = all.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual(
      [inputs["cidrIpv4"], inputs["ipProtocol"], inputs["fromPort"], inputs["toPort"]],
      ["10.0.0.0/16", "tcp", 443, 443],
    );
  });

  it("tags whatever can be tagged, with a name", async () => {
    for (const { type, name, inputs } of (await recorded({ interfaceEndpoints: true })).registrations) {
      const given = inputs["tags"] as Record<string, string> | undefined;
      if (UNTAGGED.includes(type)) continue;
      assert.equal(given?.["Environment"], "test", `${type} ${name}`);
      assert.match(given["Name"] ?? "", /^knative-lambda-test-/, `${type} ${name}`);
    }
  });

  it("makes nothing in an existing VPC and passes its ids on", async () => {
    let network: Network | undefined;
    const all = await record(() => {
      network = new Network("network", {
        ...args,
        vpcId: "vpc-1",
        privateSubnetIds: ["subnet-1", "subnet-2"],
      });
    });
    assert.equal(all.list(), "knative-lambda:aws:Network network");
    assert.ok(network);
    assert.equal(await valueOf(network.vpcId), "vpc-1");
    assert.deepEqual(await Promise.all(network.privateSubnetIds.map((id) => valueOf(id))), [
      "subnet-1",
      "subnet-2",
    ]);
    assert.deepEqual(network.publicSubnetIds, []);
  });

  it("refuses an existing VPC without subnets or with endpoints to make, and more zones than the region has, before it makes anything", async () => {
    await assert.rejects(recorded({ vpcId: "vpc-1" }), /without its private subnets; name privateSubnetIds/);
    await assert.rejects(
      recorded({ vpcId: "vpc-1", privateSubnetIds: ["subnet-1", "subnet-2"], interfaceEndpoints: true }),
      /vpc-1 exists, and no endpoint is made in it; turn interfaceEndpoints off/,
    );
    await assert.rejects(
      recorded({ zoneNames: ZONES.slice(0, 2) }),
      /has 2 zones and network.zones asks for 3; lower it/,
    );
  });
});
