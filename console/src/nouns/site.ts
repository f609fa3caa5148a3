/* The one VPC that interfaces are in, with its one subnet; some of AWS's actions want both by their ids. */
import {DescribeSubnetsCommand} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";
import {refusal} from "~/api/problem";

export async function fetchSite(): Promise<{vpc: string; subnet: string}> {
	const answer = await ec2().send(new DescribeSubnetsCommand({}));
	const [subnet] = answer.Subnets ?? [];
	if (!subnet)
		throw refusal("InvalidSubnetID.NotFound", "There is no subnet.", "DescribeSubnets");
	return {vpc: subnet.VpcId!, subnet: subnet.SubnetId!};
}
