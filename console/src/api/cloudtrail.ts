/* The SDK's client of CloudTrail's actions. */
import {CloudTrailClient} from "@aws-sdk/client-cloudtrail";
import {sdkClient} from "./sdk";

export const cloudtrail = sdkClient((configuration) => new CloudTrailClient(configuration));
