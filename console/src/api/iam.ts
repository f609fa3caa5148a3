/* The SDK's client of IAM's actions. */
import {IAMClient} from "@aws-sdk/client-iam";
import {sdkClient} from "./sdk";

export const iam = sdkClient((configuration) => new IAMClient(configuration));
