import { z } from "zod";
import { awsId, cidr } from "../scalars";

/** The VPC: one of the stack's own, or an existing one by id. */
export const network = z
  .strictObject({
    vpcId: awsId("vpc")
      .optional()
      .describe(
        "An existing VPC. Its private subnets must be given too, and their route tables must have a gateway endpoint for S3, which is free: layers, sources and build contexts go that way, or else through NAT at $0.045 per GB.",
      ),
    privateSubnetIds: z
      .array(awsId("subnet"))
      .min(2)
      .optional()
      .describe(
        "Private subnets of the existing VPC, in at least two zones, tagged `kubernetes.io/role/internal-elb`.",
      ),
    publicSubnetIds: z
      .array(awsId("subnet"))
      .optional()
      .describe(
        "Public subnets of the existing VPC, for an internet-facing load balancer, tagged `kubernetes.io/role/elb`.",
      ),
    cidr: cidr(16, 20)
      .prefault("10.0.0.0/16")
      .describe("Address block of the stack's own VPC, or that of the existing one."),
    zones: z.int().min(2).max(3).prefault(3).describe("Availability zones."),
    natGateways: z
      .enum(["one", "perZone"])
      .prefault("perZone")
      .describe(
        "`one` saves about $33 a month for each zone; its zone is then a single point of failure for all egress.",
      ),
    interfaceEndpoints: z
      .boolean()
      .prefault(false)
      .describe(
        "Private endpoints for ECR, STS and EKS Auth. About $7.30 a month for each of four, in each zone; saves NAT's $0.045 per GB on image pulls and pushes other than layers, which go through S3's free gateway endpoint anyway. Not with `vpcId`: an existing VPC has its own.",
      ),
  })
  .prefault({});
