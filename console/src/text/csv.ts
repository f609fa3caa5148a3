/* Tables as files for spreadsheets (RFC 4180).
 *
 * A spreadsheet computes what begins like a formula, and other people choose names; so such a text gets an apostrophe. */

export function writeCsv(rows: (string | number | undefined)[][]): string {
	return rows.map((row) => row.map(writeCell).join(",") + "\r\n").join("");
}

function writeCell(value: string | number | undefined): string {
	if (typeof value === "number") return String(value);
	const text = /^[=+\-@\t\r]/.test(value ?? "") ? `'${value}` : (value ?? "");
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
