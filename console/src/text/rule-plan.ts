/* How a filter's rules are changed while packets pass: one request at a time, and no packet slips through between two.
 *
 * No two rules of a direction may ever have the same number, and there is no request that changes several.  The hard idea
 * is what may be seen in between.  As long as all rejecting rules are there, the old ones and the new ones, whatever an
 * accepting rule takes is taken by the old rules or by the new ones as well.  So rejects come first and go last, and
 * in between accepts change as they like.  Whoever must give a number away for a while steps aside to where he does no harm:
 * an accept to the end, a reject to a place before the same accepts.
 *
 * Where there is no room for that, all accepts go first and come last: nothing is copied then, and so nothing wrongly. */
import {type Direction, largestRuleNumber, type RuleDraft, sameRule} from "./rules";

export type RuleStep =
	| {kind: "delete"; rule: RuleDraft}
	| {kind: "create"; rule: RuleDraft}
	| {kind: "modify"; rule: RuleDraft; before: RuleDraft};

/* What makes the rules 'before' those of 'after', in an order in which every step can be done and none does harm. */
export function planChanges(before: RuleDraft[], after: RuleDraft[]): RuleStep[] {
	const directions: Direction[] = ["ingress", "egress"];
	return directions.flatMap((direction) => {
		const own = (rules: RuleDraft[]) =>
			rules.filter((rule) => rule.direction === direction);
		return planDirection(own(before), own(after));
	});
}

/* Rules that were read from a file get the keys of the present rules that they are, else of those in whose place they stand;
 * so what is there already is no step. */
export function adoptKeys(present: RuleDraft[], read: RuleDraft[]): RuleDraft[] {
	const keys = new Map<RuleDraft, string>();
	let left = present;
	for (const sign of signatures) {
		const known = new Map<string, RuleDraft[]>();
		for (const rule of left)
			known.set(sign(rule), [...(known.get(sign(rule)) ?? []), rule]);
		for (const rule of read) {
			const same = keys.has(rule) ? undefined : known.get(sign(rule))?.shift();
			if (same) keys.set(rule, same.key);
		}
		left = [...known.values()].flat();
	}
	return read.map((rule) => ({...rule, key: keys.get(rule) ?? rule.key}));
}

const signatures: ((rule: RuleDraft) => string)[] = [
	(rule) => JSON.stringify(Object.entries({...rule, key: ""}).sort()),
	(rule) => `${rule.number} ${matchOf(rule)}`,
	matchOf,
	({direction, number, action}) => `${direction} ${number} ${action}`,
];

function planDirection(before: RuleDraft[], after: RuleDraft[]): RuleStep[] {
	const {gone, fresh, changed} = compare(before, after);
	if (gone.length + fresh.length + changed.length > 1)
		return planGuarded(before, after) ?? planClosed(before, after);
	const table = new RuleRows(before);
	gone.forEach((rule) => table.remove(rule.key));
	[...fresh, ...changed].forEach((rule) => table.put(rule));
	return table.steps;
}

/* Nothing, if a number or a place for one more rule is missing on the way. */
function planGuarded(before: RuleDraft[], wanted: RuleDraft[]): RuleStep[] | undefined {
	const after = remake(before, wanted);
	const accepts = after.filter(isAccept);
	const table = new RuleRows(before, accepts);
	slide(table, after);
	const {gone, fresh, changed} = compare(table.list(), after);
	const room = Math.max(before.length, after.length);

	for (const rule of gone.filter(isAccept)) table.remove(rule.key);
	const coming = [...fresh, ...changed.filter((rule) => table.isEarlier(rule))]
		.filter(isReject)
		.sort(byNumber);
	for (const rule of coming) {
		if (!table.get(rule.key) && table.size === room) return undefined;
		const holder = table.at(rule.number);
		if (holder && holder.key !== rule.key && !table.moveAside(holder)) return undefined;
		table.put(rule);
	}
	if (!settle(table, accepts)) return undefined;
	for (const rule of gone.filter(isReject)) table.remove(rule.key);
	if (!settle(table, after)) return undefined;
	for (const rule of fresh.filter(isAccept)) table.put(rule);
	return table.steps;
}

function planClosed(before: RuleDraft[], after: RuleDraft[]): RuleStep[] {
	const table = new RuleRows(before);
	const rejects = after.filter(isReject);
	const kept = new Set(rejects.map(({key}) => key));
	for (const rule of before.filter(isAccept)) table.remove(rule.key);
	for (const rule of before.filter(isReject)) if (!kept.has(rule.key)) table.remove(rule.key);
	settle(table, rejects);
	for (const rule of rejects) if (!table.get(rule.key)) table.put(rule);
	for (const rule of after.filter(isAccept)) table.put(rule);
	return table.steps;
}

/* A rule that says something else is another rule, unless it accepts before and after. */
function remake(before: RuleDraft[], after: RuleDraft[]): RuleDraft[] {
	const had = new Map(before.map((rule) => [rule.key, rule]));
	return after.map((rule) => {
		const old = had.get(rule.key);
		const same = !old || matchOf(old) === matchOf(rule);
		return same || (isAccept(old) && isAccept(rule))
			? rule
			: {...rule, key: `new-${rule.key}`};
	});
}

/* First of all, rules get their new numbers where they pass no other rule on the way: to packets that is no change. */
function slide(table: RuleRows, after: RuleDraft[]): void {
	const wanted = new Map(after.map((rule) => [rule.key, rule]));
	const order = table.list().map(({key}) => key);
	const numberAt = (i: number, otherwise: number) =>
		Number(table.get(order[i] ?? "")?.number ?? otherwise);
	const move = (i: number) => {
		const [old, rule] = [table.get(order[i]!)!, wanted.get(order[i]!)];
		if (!rule || sameRule(old, rule) || matchOf(old) !== matchOf(rule)) return;
		const number = Number(rule.number);
		if (number > numberAt(i - 1, 0) && number < numberAt(i + 1, Infinity))
			table.put(rule);
	};
	for (let i = order.length - 1; i >= 0; i--) move(i);
	for (let i = 0; i < order.length; i++) move(i);
}

/* Gives rules that are there what is wanted of them, each when its number is free.  Whether it could be done. */
function settle(table: RuleRows, wanted: RuleDraft[]): boolean {
	let waiting = wanted.filter((rule) => table.differs(rule)).sort(table.byWay);
	while (waiting.length > 0) {
		const blocked = waiting.filter((rule) => {
			const holder = table.at(rule.number);
			if (holder && holder.key !== rule.key) return true;
			table.put(rule);
			return false;
		});
		const stuck = blocked.length === waiting.length;
		if (stuck && !table.moveAside(table.at(blocked[0]!.number)!)) return false;
		waiting = blocked;
	}
	return true;
}

/* The rules of one direction as they are by now, and the steps so far. */
class RuleRows {
	readonly steps: RuleStep[] = [];
	private readonly rules: Map<string, RuleDraft>;
	private readonly keys: Map<number, string>;

	/* 'accepts' are those that are still to come; a reject that steps aside stays before them. */
	constructor(
		before: RuleDraft[],
		private readonly accepts: RuleDraft[] = [],
	) {
		this.rules = new Map(before.map((rule) => [rule.key, rule]));
		this.keys = new Map(before.map((rule) => [Number(rule.number), rule.key]));
	}

	list(): RuleDraft[] {
		return [...this.rules.values()].sort(byNumber);
	}

	get size(): number {
		return this.rules.size;
	}

	get(key: string): RuleDraft | undefined {
		return this.rules.get(key);
	}

	at(number: string | number): RuleDraft | undefined {
		const key = this.keys.get(Number(number));
		return key === undefined ? undefined : this.rules.get(key);
	}

	differs(rule: RuleDraft): boolean {
		const present = this.rules.get(rule.key);
		return present !== undefined && !sameRule(present, rule);
	}

	isEarlier(rule: RuleDraft): boolean {
		return Number(rule.number) < Number(this.rules.get(rule.key)!.number);
	}

	/* Those that move to later numbers from the last on, then the others from the first on: so few are in the way. */
	readonly byWay = (a: RuleDraft, b: RuleDraft): number => {
		const [early, late] = [this.isEarlier(a), this.isEarlier(b)];
		if (early !== late) return Number(early) - Number(late);
		return early ? byNumber(a, b) : byNumber(b, a);
	};

	remove(key: string): void {
		const rule = this.rules.get(key)!;
		this.steps.push({kind: "delete", rule});
		this.forget(rule);
	}

	put(rule: RuleDraft): void {
		const before = this.rules.get(rule.key);
		this.steps.push(before ? {kind: "modify", rule, before} : {kind: "create", rule});
		if (before) this.forget(before);
		this.rules.set(rule.key, rule);
		this.keys.set(Number(rule.number), rule.key);
	}

	moveAside(rule: RuleDraft): boolean {
		const own = Number(rule.number);
		const number = isAccept(rule)
			? this.findFree(largestRuleNumber, own)
			: (this.findFree(own - 1, 0) ??
				this.findFree(this.nextAccept(own) - 1, own));
		if (number === undefined) return false;
		this.put({...rule, number: String(number)});
		return true;
	}

	/* The largest free number up to 'from' and above 'below'. */
	private findFree(from: number, below: number): number | undefined {
		for (let number = from; number > below; number--)
			if (!this.keys.has(number)) return number;
		return undefined;
	}

	private nextAccept(number: number): number {
		const numbers = [...this.rules.values(), ...this.accepts]
			.filter(isAccept)
			.map((rule) => Number(rule.number));
		return Math.min(
			largestRuleNumber + 1,
			...numbers.filter((other) => other > number),
		);
	}

	private forget(rule: RuleDraft): void {
		this.rules.delete(rule.key);
		this.keys.delete(Number(rule.number));
	}
}

function compare(before: RuleDraft[], after: RuleDraft[]) {
	const had = new Map(before.map((rule) => [rule.key, rule]));
	const wanted = new Set(after.map(({key}) => key));
	return {
		gone: before.filter(({key}) => !wanted.has(key)),
		fresh: after.filter(({key}) => !had.has(key)),
		changed: after.filter((rule) => {
			const old = had.get(rule.key);
			return old !== undefined && !sameRule(old, rule);
		}),
	};
}

/* What a rule does with which packets, wherever it stands. */
function matchOf(rule: RuleDraft): string {
	return JSON.stringify(
		Object.entries({...rule, key: "", number: "", description: ""}).sort(),
	);
}

function isAccept({action}: RuleDraft): boolean {
	return action === "accept";
}

function isReject({action}: RuleDraft): boolean {
	return action === "reject";
}

function byNumber(a: RuleDraft, b: RuleDraft): number {
	return Number(a.number) - Number(b.number);
}
