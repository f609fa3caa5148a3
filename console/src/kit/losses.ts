/* What was lost by mishap, by its reasons: "12 copies: Ring full 10, No route 2". */
import type {SessionStatus} from "~/nouns/status";
import {lossReasons, wishedLosses} from "~/nouns/history";
import {addCounters, noCounters, type Counters, totalLost} from "~/text/rates";

const texts = new Map(lossReasons);

export function sumLosses(statuses: SessionStatus[]): Counters {
	return statuses.reduce(
		(sum, {counters: {ingress, egress}}) =>
			addCounters(sum, addCounters(ingress, egress)),
		noCounters,
	);
}

export function lossText(counters: Counters): string {
	const reasons = Object.entries(counters.lost)
		.filter(([reason, {packets}]) => packets > 0 && !wishedLosses.has(reason))
		.sort(([, a], [, b]) => b.packets - a.packets)
		.map(
			([reason, {packets}]) =>
				`${texts.get(reason) ?? reason} ${packets.toLocaleString()}`,
		);
	const all = totalLost(counters, wishedLosses).packets;
	return reasons.length > 0 ? `${all.toLocaleString()}: ${reasons.join(", ")}` : "None";
}
