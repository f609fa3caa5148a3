/* The SDK's client of Elastic Load Balancing's actions. */
import {ElasticLoadBalancingV2Client} from "@aws-sdk/client-elastic-load-balancing-v2";
import {sdkClient} from "./sdk";

export const balancing = sdkClient(
	(configuration) => new ElasticLoadBalancingV2Client(configuration),
);
