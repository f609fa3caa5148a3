/* How long to pause before the change feed is asked again.
 *
 * An empty answer that comes before its time says that the controller has no room for one more who waits.  Asked again at
 * once it would say so again, thousands of times; so pauses double until there is room. */

export const waitSeconds = 25;

const firstPause = 2000;
const longestPause = 30_000;

/* Milliseconds; 'waited' is how long the answer took, 'pause' the one before. */
export function pauseAfter(changed: boolean, waited: number, pause: number): number {
	if (changed || waited > 900 * waitSeconds) return 0;
	return pause > 0 ? Math.min(2 * pause, longestPause) : firstPause;
}
