/* What would become of a packet at a source: which session and rule take it, or why none does. */
import {type Parameters, query} from "~/api/query";

export interface Explanation {
	verdict: string;
	explanation: string;
	trafficMirrorSessionId?: string;
	sessionNumber?: string;
	trafficMirrorFilterRuleId?: string;
	ruleNumber?: string;
}

export function explainPacket(parameters: Parameters): Promise<Explanation> {
	return query("ExplainTrafficMirrorPacket", parameters);
}
