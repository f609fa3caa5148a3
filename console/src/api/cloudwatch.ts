/* The SDK's client of CloudWatch's actions. */
import {CloudWatchClient} from "@aws-sdk/client-cloudwatch";
import {sdkClient} from "./sdk";

export const cloudWatch = sdkClient((configuration) => new CloudWatchClient(configuration));
