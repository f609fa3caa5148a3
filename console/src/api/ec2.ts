/* The SDK's client of EC2's actions. */
import {EC2Client} from "@aws-sdk/client-ec2";
import {sdkClient} from "./sdk";

export const ec2 = sdkClient((configuration) => new EC2Client(configuration));
