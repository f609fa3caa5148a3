/* The one VPC that interfaces are in, with its one subnet; some of AWS's actions want both by their ids. */
import {DescribeSubnetsCommand} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";

export async function fetchSite(): Promise<{vpc: string; subnet: string}> {
	const answer = await ec2().send(new DescribeSubnetsCommand({}));
	const {VpcId, SubnetId} = answer.Subnets![0]!;
	return {vpc: VpcId!, subnet: SubnetId!};
}
