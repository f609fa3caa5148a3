/* A peek: some of the packets that a session copies, shown by its host twice a second while somebody looks.
 *
 * The one hard thing is that it ends in many ways.  Whoever looks pauses, leaves, or looks at another page; the controller
 * ends it after a quarter of an hour, a minute after the last question, or with its session; and an answer to an old
 * question may come late.  So one round of questions follows another in a single loop, and each start has a signal of its
 * own that ends the loop.  A pause that outlasts the controller's minute begins a new peek; nothing else does by itself,
 * since each is an event. */
import {type Problem, problemOf} from "~/api/problem";
import {query} from "~/api/query";
import {reportOutcome} from "~/data/connection";

/* As GetTrafficMirrorPeek answers; all texts. */
export interface AnsweredPacket {
	number: string;
	seconds: string;
	nanoseconds: string;
	trafficDirection: string;
	length: string;
	skipped: string;
	summary: string;
	data: string;
}

export interface Packet {
	key: number; // Counts on when another peek begins.
	seconds: number;
	nanoseconds: number;
	direction: string;
	length: number; // On the wire.
	skipped: number; // Since the one before.
	summary: string;
	data: string; // Base64.
}

export interface PeekWish {
	snapLength: number; // Bytes shown of each packet.
	keep: number; // Packets that are kept, the last ones.
}

export interface PeekState {
	phase: "idle" | "looking" | "paused" | "over";
	packets: readonly Packet[];
	seen: number; // Since the beginning, also those that are no longer kept.
	skipped: number;
	problem?: Problem;
}

/* What a peek asks of the API, and how it waits between two questions. */
export interface PeekCalls {
	start(session: string, snapLength: number): Promise<string>;
	get(session: string, id: string, after: number): Promise<AnsweredPeek>;
	stop(session: string, id: string): Promise<unknown>;
	pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface AnsweredPeek {
	lastNumber: string;
	packetSet: AnsweredPacket[];
}

const pace = 500; // As hosts show packets.
const pauseAfterProblem = 2000;
const mostBytes = 16 * 1024 * 1024; // Of base64, whatever number is to be kept.
const nothing: PeekState = {phase: "idle", packets: [], seen: 0, skipped: 0};

export class Peek {
	private state = nothing;
	private readonly watchers = new Set<() => void>();
	private round = new AbortController(); // Ends the loop that asks.
	private known?: {id: string; last: number; snapLength: number}; // What there is at the controller.

	constructor(
		private readonly session: string,
		private readonly calls: PeekCalls = apiCalls,
	) {}

	readonly read = (): PeekState => this.state;

	readonly watch = (watcher: () => void): (() => void) => {
		this.watchers.add(watcher);
		return () => this.watchers.delete(watcher);
	};

	/* Begins, or goes on after a pause. */
	start(wish: PeekWish): void {
		this.round.abort();
		this.round = new AbortController();
		if (this.known && this.known.snapLength !== wish.snapLength) this.giveUp();
		this.set({phase: "looking", problem: undefined});
		void this.follow(wish, this.round.signal);
	}

	pause(): void {
		this.leave("paused");
	}

	/* What is kept stays. */
	stop(): void {
		this.leave("idle");
		this.giveUp();
	}

	private async follow(wish: PeekWish, signal: AbortSignal): Promise<void> {
		let wasThere = false; // The peek that is asked, by this loop.
		while (!signal.aborted) {
			let wait = pace;
			try {
				if (!this.known) await this.begin(wish, signal);
				else if (await this.ask(this.known, wish, signal)) wait = 0;
				wasThere = true;
			} catch (error) {
				wait = this.fail(problemOf(error, ""), wasThere, signal);
			}
			if (wait > 0) await this.calls.pause(wait, signal);
		}
	}

	private async begin({snapLength}: PeekWish, signal: AbortSignal): Promise<void> {
		const id = await this.calls.start(this.session, snapLength);
		if (signal.aborted && (this.state.phase !== "paused" || this.known)) this.end(id);
		else this.known = {id, last: 0, snapLength};
	}

	/* Whether there is more already. */
	private async ask(
		known: NonNullable<typeof this.known>,
		{keep}: PeekWish,
		signal: AbortSignal,
	): Promise<boolean> {
		const answer = await this.calls.get(this.session, known.id, known.last);
		if (signal.aborted) return false;
		const fresh = answer.packetSet;
		if (fresh.length > 0) known.last = Number(fresh[fresh.length - 1]!.number);
		const kept = fresh.length > 0 ? addPackets(this.state, fresh, keep) : {};
		if (fresh.length > 0 || this.state.problem) this.set({...kept, problem: undefined});
		return fresh.length > 0 && known.last < Number(answer.lastNumber);
	}

	/* How long to wait before the next try. */
	private fail(problem: Problem, wasThere: boolean, signal: AbortSignal): number {
		const isOver = problem.code === "InvalidTrafficMirrorPeek.NotFound";
		if (signal.aborted) return 0;
		if (isOver) {
			this.known = undefined;
			if (wasThere) this.leave("over");
			return 0;
		}
		reportOutcome(problem);
		if (problem.kind === "offline" || problem.kind === "busy") {
			this.set({problem});
			return pauseAfterProblem;
		}
		this.leave("idle", problem);
		return 0;
	}

	private leave(phase: PeekState["phase"], problem?: Problem): void {
		this.round.abort();
		this.set({phase, problem});
	}

	private giveUp(): void {
		if (this.known) this.end(this.known.id);
		this.known = undefined;
	}

	/* One that has ended by itself has ended, too. */
	private end(id: string): void {
		this.calls.stop(this.session, id).catch(() => {});
	}

	private set(part: Partial<PeekState>): void {
		this.state = {...this.state, ...part};
		for (const watcher of [...this.watchers]) watcher();
	}
}

/* The last packets, as many as are wished for and as there is room for. */
export function addPackets(
	state: PeekState,
	answered: readonly AnsweredPacket[],
	keep: number,
): Pick<PeekState, "packets" | "seen" | "skipped"> {
	const fresh = answered.map((packet, i) => readPacket(packet, state.seen + i + 1));
	const all = [...state.packets, ...fresh];
	let first = Math.max(0, all.length - keep);
	let room = mostBytes;
	for (let i = all.length - 1; i >= first; i--) {
		room -= all[i]!.data.length;
		if (room < 0) first = i + 1;
	}
	return {
		packets: all.slice(first),
		seen: state.seen + fresh.length,
		skipped: fresh.reduce((sum, {skipped}) => sum + skipped, state.skipped),
	};
}

function readPacket(packet: AnsweredPacket, key: number): Packet {
	return {
		key,
		seconds: Number(packet.seconds),
		nanoseconds: Number(packet.nanoseconds),
		direction: packet.trafficDirection,
		length: Number(packet.length),
		skipped: Number(packet.skipped),
		summary: packet.summary,
		data: packet.data,
	};
}

const apiCalls: PeekCalls = {
	async start(session, snapLength) {
		const answer = await query<{trafficMirrorPeekId: string}>(
			"StartTrafficMirrorPeek",
			{
				TrafficMirrorSessionId: session,
				SnapLength: snapLength,
			},
		);
		return answer.trafficMirrorPeekId;
	},
	get: (session, id, after) =>
		query("GetTrafficMirrorPeek", {
			TrafficMirrorSessionId: session,
			TrafficMirrorPeekId: id,
			AfterNumber: after,
		}),
	stop: (session, id) =>
		query("StopTrafficMirrorPeek", {
			TrafficMirrorSessionId: session,
			TrafficMirrorPeekId: id,
		}),
	pause: (milliseconds, signal) =>
		new Promise((done) => {
			const timer = setTimeout(done, milliseconds);
			const end = () => (clearTimeout(timer), done());
			signal.addEventListener("abort", end, {once: true});
		}),
};
